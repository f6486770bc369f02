-- spec
CREATE TABLE t(a, b);
CREATE VIEW v AS SELECT a.a AS x FROM t AS a CROSS JOIN t AS b ON a.a = b.b;
-- live
CREATE TABLE t(a, b);
CREATE VIEW v AS SELECT A.a AS x FROM t AS A CROSS JOIN t AS B ON (A.a) = B.b;
