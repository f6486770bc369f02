-- spec
CREATE TABLE t(a TEXT DEFAULT 'x');
-- live
CREATE TABLE t(a TEXT DEFAULT 'y');
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
