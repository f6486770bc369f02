-- spec
CREATE TABLE t(a TEXT);
-- live
CREATE TABLE t(a TEXT); CREATE VIEW v AS SELECT a, count(*) OVER w FROM t;
-- expect: error extra-view v
-- expect: error broken-view v
