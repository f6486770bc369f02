-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<10) SELECT n FROM c, t WHERE n IN (VALUES(1),(2));
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS with recursive C(N) as (values(1) union all select (n+1) from C where (n<10)) select n from c, T where n in (values(1),(2));
