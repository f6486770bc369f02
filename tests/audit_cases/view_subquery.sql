-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE b=(SELECT max(b) FROM u);
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t WHERE b=(SELECT min(b) FROM u);
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
