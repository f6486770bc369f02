-- spec
CREATE TABLE t(a UNIQUE);CREATE UNIQUE INDEX i ON t(a);
-- live
CREATE TABLE t(a UNIQUE);
-- expect: error missing-index t.i
-- reversed
-- expect: error extra-index t.i
