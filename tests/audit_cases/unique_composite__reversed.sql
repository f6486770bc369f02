-- spec
CREATE TABLE t(a,b,UNIQUE(a));
-- live
CREATE TABLE t(a,b,UNIQUE(a,b));
-- expect: error missing-unique t.a
-- expect: error extra-unique t.a, b
