-- spec
CREATE TABLE t(a TEXT PRIMARY KEY, b);
-- live
CREATE TABLE t(a TEXT PRIMARY KEY, b) WITHOUT ROWID;
-- expect: error table-option t
