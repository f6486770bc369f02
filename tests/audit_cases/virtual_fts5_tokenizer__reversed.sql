-- spec
CREATE VIRTUAL TABLE f USING fts5(a);
-- live
CREATE VIRTUAL TABLE f USING fts5(a, tokenize='porter');
-- expect: error virtual-table f
