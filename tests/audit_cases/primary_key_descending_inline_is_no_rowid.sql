-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY DESC);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY);
-- expect: error primary-key t
-- reversed
-- expect: error primary-key t
