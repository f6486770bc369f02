-- spec
CREATE TABLE t(a TEXT); CREATE VIEW v AS SELECT a, b FROM t;
-- live
CREATE TABLE t(a TEXT, b TEXT); CREATE VIEW v AS SELECT a, b FROM t;
-- expect: error extra-column t.b
-- expect: error broken-view v
