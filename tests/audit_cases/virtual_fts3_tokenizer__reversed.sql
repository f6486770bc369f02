-- spec
CREATE VIRTUAL TABLE f USING fts3(a, tokenize simple);
-- live
CREATE VIRTUAL TABLE f USING fts3(a, tokenize porter);
-- expect: error virtual-table f
