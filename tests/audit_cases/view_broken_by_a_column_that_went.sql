-- spec
CREATE TABLE t(a TEXT, b TEXT); CREATE VIEW v AS SELECT a, b FROM t;
-- live
CREATE TABLE t(a TEXT); CREATE VIEW v AS SELECT a, b FROM t;
-- expect: error missing-column t.b
-- expect: error broken-view v
-- note: view v does not compile in the database: no such column: b
-- reversed
-- expect: error extra-column t.b
-- expect: error broken-view v
