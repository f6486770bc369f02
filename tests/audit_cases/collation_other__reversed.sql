-- spec
CREATE TABLE t(a TEXT COLLATE RTRIM);
-- live
CREATE TABLE t(a TEXT COLLATE NOCASE);
-- expect: error column-collation t.a
