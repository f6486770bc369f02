-- spec
CREATE TABLE t(a UNIQUE);
-- live
CREATE TABLE t(a UNIQUE);CREATE UNIQUE INDEX i ON t(a);
-- expect: error extra-index t.i
