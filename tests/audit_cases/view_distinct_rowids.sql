-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIEW v AS SELECT DISTINCT id FROM t;
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIEW v AS SELECT id FROM t;
-- expect: error view-definition v
-- reversed
-- expect: error view-definition v
