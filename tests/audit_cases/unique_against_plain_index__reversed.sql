-- spec
CREATE TABLE t(a);CREATE INDEX i ON t(a);
-- live
CREATE TABLE t(a UNIQUE);
-- expect: error extra-unique t.a
-- expect: error missing-index t.i
