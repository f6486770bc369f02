-- spec
CREATE TABLE t(a TEXT NOT NULL PRIMARY KEY) STRICT;
-- live
CREATE TABLE t(a TEXT PRIMARY KEY);
-- expect: error table-option t
-- expect: error column-nullability t.a
-- reversed
-- expect: error table-option t
-- expect: error column-nullability t.a
