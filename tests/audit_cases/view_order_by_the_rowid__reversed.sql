-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIEW v AS SELECT id,a FROM t;
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIEW v AS SELECT id,a FROM t ORDER BY id;
-- expect: error view-definition v
