-- spec
CREATE VIRTUAL TABLE f USING fts5(a, b);
-- live
CREATE VIRTUAL TABLE f USING fts5(a, b UNINDEXED);
-- expect: error virtual-table f
