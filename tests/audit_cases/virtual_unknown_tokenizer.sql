-- spec
CREATE VIRTUAL TABLE f USING fts5(a, tokenize='icu_custom');
-- live
CREATE VIRTUAL TABLE f USING fts5(a, tokenize='icu_other');
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
