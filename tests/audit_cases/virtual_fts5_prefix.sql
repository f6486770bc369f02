-- spec
CREATE VIRTUAL TABLE f USING fts5(a, prefix='2 3');
-- live
CREATE VIRTUAL TABLE f USING fts5(a, prefix='2');
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
