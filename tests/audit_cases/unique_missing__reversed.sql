-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a UNIQUE);
-- expect: error extra-unique t.a
