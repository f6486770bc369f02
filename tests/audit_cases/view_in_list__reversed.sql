-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a IN ('x','z');
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE a IN ('x','y');
-- expect: error view-definition v
