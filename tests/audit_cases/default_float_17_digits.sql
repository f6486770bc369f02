-- spec
CREATE TABLE t(a REAL DEFAULT 0.30000000000000004);
-- live
CREATE TABLE t(a REAL DEFAULT 0.3);
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
