-- spec
CREATE TABLE t(a,b,PRIMARY KEY(b,a));
-- live
CREATE TABLE t(a,b,PRIMARY KEY(a,b));
-- expect: error primary-key t
