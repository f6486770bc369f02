-- spec
CREATE TABLE t(a,b,PRIMARY KEY(a,b),UNIQUE(b,a));
-- live
CREATE TABLE t(a,b,PRIMARY KEY(a,b));
-- expect: warning missing-unique t.b, a
-- reversed
-- expect: warning extra-unique t.b, a
