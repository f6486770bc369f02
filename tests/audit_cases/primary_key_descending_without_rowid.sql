-- spec
CREATE TABLE t(a,b,PRIMARY KEY(a DESC)) WITHOUT ROWID;
-- live
CREATE TABLE t(a,b,PRIMARY KEY(a)) WITHOUT ROWID;
-- expect: error primary-key t
-- reversed
-- expect: error primary-key t
