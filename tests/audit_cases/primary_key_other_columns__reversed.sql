-- spec
CREATE TABLE t(a,b,PRIMARY KEY(a));
-- live
CREATE TABLE t(a,b,PRIMARY KEY(a,b));
-- expect: error primary-key t
