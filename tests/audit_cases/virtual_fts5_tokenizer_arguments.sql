-- spec
CREATE VIRTUAL TABLE f USING fts5(a, tokenize='unicode61 remove_diacritics 2');
-- live
CREATE VIRTUAL TABLE f USING fts5(a, tokenize='unicode61 remove_diacritics 1');
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
