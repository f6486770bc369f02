-- spec
CREATE VIRTUAL TABLE f USING fts5(b,a);
-- live
CREATE VIRTUAL TABLE f USING fts5(a,b);
-- expect: error virtual-table f
