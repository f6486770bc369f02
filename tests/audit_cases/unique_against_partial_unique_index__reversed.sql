-- spec
CREATE TABLE t(a);CREATE UNIQUE INDEX i ON t(a) WHERE a>0;
-- live
CREATE TABLE t(a UNIQUE);
-- expect: error extra-unique t.a
-- expect: error missing-index t.i
