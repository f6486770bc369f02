-- spec
CREATE TABLE t(a,b,UNIQUE(a,b));
-- live
CREATE TABLE t(a,b,UNIQUE(a));
-- expect: error missing-unique t.a, b
-- expect: error extra-unique t.a
-- reversed
-- expect: error missing-unique t.a
-- expect: error extra-unique t.a, b
