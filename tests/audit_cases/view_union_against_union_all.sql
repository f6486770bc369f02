-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t UNION SELECT a FROM u;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t UNION ALL SELECT a FROM u;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
