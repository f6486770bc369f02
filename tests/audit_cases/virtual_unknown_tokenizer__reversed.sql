-- spec
CREATE VIRTUAL TABLE f USING fts5(a, tokenize='icu_other');
-- live
CREATE VIRTUAL TABLE f USING fts5(a, tokenize='icu_custom');
-- expect: error virtual-table f
