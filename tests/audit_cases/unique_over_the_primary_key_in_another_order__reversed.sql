-- spec
CREATE TABLE t(a,b,PRIMARY KEY(a,b));
-- live
CREATE TABLE t(a,b,PRIMARY KEY(a,b),UNIQUE(b,a));
-- expect: warning extra-unique t.b, a
