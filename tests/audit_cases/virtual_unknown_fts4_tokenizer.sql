-- spec
CREATE VIRTUAL TABLE f USING fts4(a, tokenize=icu tr_TR);
-- live
CREATE VIRTUAL TABLE f USING fts4(a, tokenize=icu de_DE);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
