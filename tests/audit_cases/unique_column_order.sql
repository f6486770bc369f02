-- spec
CREATE TABLE t(a,b,UNIQUE(a,b));
-- live
CREATE TABLE t(a,b,UNIQUE(b,a));
-- expect: warning missing-unique t.a, b
-- reversed
-- expect: warning missing-unique t.b, a
