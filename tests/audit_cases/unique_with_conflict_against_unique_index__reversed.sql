-- spec
CREATE TABLE t(a);CREATE UNIQUE INDEX i ON t(a);
-- live
CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE);
-- expect: error extra-unique t.a
