-- spec
CREATE TABLE sqlitedata(a);
-- live

-- expect: error missing-table sqlitedata
-- reversed
-- expect: error extra-table sqlitedata
