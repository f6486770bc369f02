-- spec
CREATE TABLE t(a TEXT COLLATE NOCASE);
-- live
CREATE TABLE t(a TEXT COLLATE RTRIM);
-- expect: error column-collation t.a
-- reversed
-- expect: error column-collation t.a
