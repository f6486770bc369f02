-- spec
CREATE VIRTUAL TABLE f USING fts3(a, tokenize porter);
-- live
CREATE VIRTUAL TABLE f USING fts3(a, tokenize simple);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
