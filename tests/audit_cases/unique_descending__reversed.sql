-- spec
CREATE TABLE t(a,b,UNIQUE(a,b));
-- live
CREATE TABLE t(a,b,UNIQUE(a DESC,b));
-- expect: warning missing-unique t.a, b
