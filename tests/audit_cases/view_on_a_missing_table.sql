-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT x FROM nowhere;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v AS SELECT y FROM nowhere;
-- expect: error view-definition v
-- expect: error broken-view v
-- reversed
-- expect: error view-definition v
-- expect: error broken-view v
