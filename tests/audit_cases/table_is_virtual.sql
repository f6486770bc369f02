-- spec
CREATE TABLE t(a);CREATE INDEX i ON t(a);
-- live
CREATE VIRTUAL TABLE t USING fts5(a);
-- expect: error virtual-table t
-- reversed
-- expect: error virtual-table t
