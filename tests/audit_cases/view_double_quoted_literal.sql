-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a="x";
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a="y";
-- expect: error view-definition v
-- note: "x" is no column here, SQLite takes it for the string 'x'
-- reversed
-- expect: error view-definition v
