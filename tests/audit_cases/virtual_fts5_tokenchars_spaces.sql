-- spec
CREATE VIRTUAL TABLE f USING fts5(a, tokenize="unicode61 tokenchars '- '");
-- live
CREATE VIRTUAL TABLE f USING fts5(a, tokenize="unicode61 tokenchars '-  '");
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
