-- spec
CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE);
-- live
CREATE TABLE t(a);CREATE UNIQUE INDEX i ON t(a);
-- expect: error missing-unique t.a
-- reversed
-- expect: error extra-unique t.a
