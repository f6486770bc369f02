-- spec
CREATE VIRTUAL TABLE f USING fts5(a, prefix='2');
-- live
CREATE VIRTUAL TABLE f USING fts5(a, prefix='2 3');
-- expect: error virtual-table f
