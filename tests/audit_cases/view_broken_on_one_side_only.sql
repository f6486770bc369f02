-- spec
CREATE TABLE t(a TEXT); CREATE VIEW v AS SELECT a, count(*) OVER w FROM t;
-- live
CREATE TABLE t(a TEXT);
-- expect: error missing-view v
-- expect: error broken-view v
-- note: view v of the spec does not compile: no such window: w
-- reversed
-- expect: error extra-view v
-- expect: error broken-view v
