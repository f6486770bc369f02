-- spec
CREATE TABLE t(a TEXT,PRIMARY KEY(a COLLATE NOCASE));
-- live
CREATE TABLE t(a TEXT,PRIMARY KEY(a));
-- expect: error primary-key t
-- reversed
-- expect: error primary-key t
