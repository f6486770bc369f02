-- spec
CREATE VIRTUAL TABLE f USING fts4(a);
-- live
CREATE VIRTUAL TABLE f USING fts4(a, tokenize=porter);
-- expect: error virtual-table f
