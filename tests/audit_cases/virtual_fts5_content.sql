-- spec
CREATE VIRTUAL TABLE f USING fts5(a, content='');
-- live
CREATE VIRTUAL TABLE f USING fts5(a);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
