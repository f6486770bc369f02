-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE b>0;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t;
-- expect: error view-definition v
