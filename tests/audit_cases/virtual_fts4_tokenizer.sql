-- spec
CREATE VIRTUAL TABLE f USING fts4(a, tokenize=porter);
-- live
CREATE VIRTUAL TABLE f USING fts4(a);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
