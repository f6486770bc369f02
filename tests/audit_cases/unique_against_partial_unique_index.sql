-- spec
CREATE TABLE t(a UNIQUE);
-- live
CREATE TABLE t(a);CREATE UNIQUE INDEX i ON t(a) WHERE a>0;
-- expect: error missing-unique t.a
-- expect: error extra-index t.i
-- reversed
-- expect: error extra-unique t.a
-- expect: error missing-index t.i
