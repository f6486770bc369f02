-- spec
CREATE TABLE t(a,b,PRIMARY KEY(a,b));
-- live
CREATE TABLE t(a,b,PRIMARY KEY(a));
-- expect: error primary-key t
-- reversed
-- expect: error primary-key t
