-- spec
CREATE TABLE t(a TEXT COLLATE unicode_ci);
-- live
CREATE TABLE t(a TEXT);
-- expect: error column-collation t.a
-- reversed
-- expect: error column-collation t.a
