-- spec
CREATE VIRTUAL TABLE f USING fts5(a, b UNINDEXED);
-- live
CREATE VIRTUAL TABLE f USING fts5(a, b);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
