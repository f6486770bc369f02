-- spec
CREATE VIRTUAL TABLE f USING fts5(a);
-- live
CREATE VIRTUAL TABLE f USING fts4(a);
-- expect: error virtual-table f
