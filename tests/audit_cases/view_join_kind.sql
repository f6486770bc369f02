-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT t.a FROM t LEFT JOIN u ON t.b=u.b;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT t.a FROM t JOIN u ON t.b=u.b;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
