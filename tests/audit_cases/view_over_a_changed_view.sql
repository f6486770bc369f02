-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW w AS SELECT a FROM t;CREATE VIEW v AS SELECT a FROM w;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW w AS SELECT a FROM u;CREATE VIEW v AS SELECT a FROM w;
-- expect: error view-definition w
-- reversed
-- expect: error view-definition w
