-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a FROM t UNION SELECT a FROM u EXCEPT SELECT 'x' ORDER BY 1;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS select "a" from "t" union select [a] from u except select 'x' order by 1;
