-- spec
CREATE TABLE t(a TEXT,PRIMARY KEY(a));
-- live
CREATE TABLE t(a TEXT,PRIMARY KEY(a COLLATE NOCASE));
-- expect: error primary-key t
