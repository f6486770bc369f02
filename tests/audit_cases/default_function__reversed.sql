-- spec
CREATE TABLE t(a DEFAULT (abs(-1)));
-- live
CREATE TABLE t(a DEFAULT (random()));
-- expect: error column-default t.a
