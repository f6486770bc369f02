-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT b*0.1234567890123456 AS x FROM t;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT b*0.12345678901234561 AS x FROM t;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
