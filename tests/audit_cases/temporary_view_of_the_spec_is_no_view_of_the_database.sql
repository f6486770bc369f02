-- spec
CREATE TABLE t(a);CREATE TEMP VIEW v AS SELECT a FROM t;
-- live
CREATE TABLE t(a);CREATE VIEW v AS SELECT a FROM t;
-- expect: error extra-view v
-- reversed
-- expect: error missing-view v
