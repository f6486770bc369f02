-- spec
CREATE TABLE t(a UNIQUE);
-- live
CREATE TABLE t(a);CREATE INDEX i ON t(a);
-- expect: error missing-unique t.a
-- expect: error extra-index t.i
-- reversed
-- expect: error extra-unique t.a
-- expect: error missing-index t.i
