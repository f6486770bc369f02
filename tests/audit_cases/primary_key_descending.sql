-- spec
CREATE TABLE t(a,b,PRIMARY KEY(a DESC,b));
-- live
CREATE TABLE t(a,b,PRIMARY KEY(a,b));
-- expect: error primary-key t
-- reversed
-- expect: error primary-key t
