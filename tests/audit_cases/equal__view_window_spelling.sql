-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a, sum(b) OVER (PARTITION BY a ORDER BY b) AS s FROM t;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT A, SUM(B) over ( partition by (a) order by b asc ) s FROM t;
