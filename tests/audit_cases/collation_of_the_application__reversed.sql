-- spec
CREATE TABLE t(a TEXT);
-- live
CREATE TABLE t(a TEXT COLLATE unicode_ci);
-- expect: error column-collation t.a
