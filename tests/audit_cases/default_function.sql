-- spec
CREATE TABLE t(a DEFAULT (random()));
-- live
CREATE TABLE t(a DEFAULT (abs(-1)));
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
