-- spec

-- live
CREATE TABLE sqlitedata(a);
-- expect: error extra-table sqlitedata
