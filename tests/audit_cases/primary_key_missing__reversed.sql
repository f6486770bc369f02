-- spec
CREATE TABLE t(a TEXT);
-- live
CREATE TABLE t(a TEXT PRIMARY KEY);
-- expect: error primary-key t
