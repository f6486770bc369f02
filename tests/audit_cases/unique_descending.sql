-- spec
CREATE TABLE t(a,b,UNIQUE(a DESC,b));
-- live
CREATE TABLE t(a,b,UNIQUE(a,b));
-- expect: warning missing-unique t.a, b
-- reversed
-- expect: warning missing-unique t.a, b
