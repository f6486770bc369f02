-- spec
CREATE TABLE t(a TEXT); CREATE VIEW v AS SELECT a FROM t;
-- live
CREATE TABLE t(a TEXT); CREATE VIEW v AS SELECT a, b FROM t;
-- expect: error view-definition v
-- expect: error broken-view v
-- note: view v does not compile in the database: no such column: b
-- reversed
-- expect: error view-definition v
-- expect: error broken-view v
