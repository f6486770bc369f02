-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a+b AS "x y" FROM t;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a+b AS "x  y" FROM t;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
