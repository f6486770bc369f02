-- spec
CREATE TABLE t(a TEXT PRIMARY KEY, b) WITHOUT ROWID;
-- live
CREATE TABLE t(a TEXT PRIMARY KEY, b);
-- expect: error table-option t
-- reversed
-- expect: error table-option t
