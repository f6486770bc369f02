-- spec
CREATE VIRTUAL TABLE f USING fts4(a, tokenize=icu de_DE);
-- live
CREATE VIRTUAL TABLE f USING fts4(a, tokenize=icu tr_TR);
-- expect: error virtual-table f
