-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a="y";
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a="x";
-- expect: error view-definition v
