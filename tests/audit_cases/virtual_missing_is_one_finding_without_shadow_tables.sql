-- spec
CREATE VIRTUAL TABLE f USING fts5(a);
-- live

-- expect: error missing-table f
-- reversed
-- expect: error extra-table f
