-- spec
CREATE TABLE t(a TEXT PRIMARY KEY);
-- live
CREATE TABLE t(a TEXT);
-- expect: error primary-key t
-- reversed
-- expect: error primary-key t
