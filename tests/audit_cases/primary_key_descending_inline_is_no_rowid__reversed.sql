-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY DESC);
-- expect: error primary-key t
