-- spec
CREATE TABLE t(a,b,UNIQUE(b,a));
-- live
CREATE TABLE t(a,b,UNIQUE(a,b));
-- expect: warning missing-unique t.b, a
