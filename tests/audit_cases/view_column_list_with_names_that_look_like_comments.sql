-- spec
CREATE TABLE t(a);
CREATE VIEW v("--x") AS SELECT a FROM t;
-- live
CREATE TABLE t(a);
CREATE VIEW v("--y") AS SELECT t.a FROM t;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
