-- spec
CREATE VIRTUAL TABLE f USING fts5(a,b);
-- live
CREATE VIRTUAL TABLE f USING fts5(b,a);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
