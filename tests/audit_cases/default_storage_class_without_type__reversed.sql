-- spec
CREATE TABLE t(a DEFAULT 1.0);
-- live
CREATE TABLE t(a DEFAULT 1);
-- expect: error column-default t.a
