-- spec
CREATE TABLE t(a REAL DEFAULT 0.3);
-- live
CREATE TABLE t(a REAL DEFAULT 0.30000000000000004);
-- expect: error column-default t.a
