-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a,count(*) AS n FROM t GROUP BY a HAVING count(*)>1;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a,count(*) AS n FROM t GROUP BY a HAVING count(*)>2;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
