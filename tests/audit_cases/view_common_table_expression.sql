-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS WITH c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<10) SELECT n FROM c;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS WITH c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<11) SELECT n FROM c;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
