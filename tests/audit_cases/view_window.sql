-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a, row_number() OVER (ORDER BY a) AS n FROM t;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT a, row_number() OVER (ORDER BY b) AS n FROM t;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
