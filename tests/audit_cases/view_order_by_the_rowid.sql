-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIEW v AS SELECT id,a FROM t ORDER BY id;
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIEW v AS SELECT id,a FROM t;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
