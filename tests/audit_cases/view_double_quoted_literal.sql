-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a="x";
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a="y";
-- expect: error view-definition v
-- note: "x" is not a column here, SQLite reads it as the string 'x'
-- reversed
-- expect: error view-definition v
