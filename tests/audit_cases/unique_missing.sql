-- spec
CREATE TABLE t(a UNIQUE);
-- live
CREATE TABLE t(a);
-- expect: error missing-unique t.a
-- reversed
-- expect: error extra-unique t.a
