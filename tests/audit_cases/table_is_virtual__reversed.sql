-- spec
CREATE VIRTUAL TABLE t USING fts5(a);
-- live
CREATE TABLE t(a);CREATE INDEX i ON t(a);
-- expect: error virtual-table t
