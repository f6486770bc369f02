-- spec

-- live
CREATE VIRTUAL TABLE f USING fts5(a);
-- expect: error extra-table f
