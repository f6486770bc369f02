-- spec
CREATE TABLE t(a DEFAULT 1);
-- live
CREATE TABLE t(a DEFAULT 1.0);
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
