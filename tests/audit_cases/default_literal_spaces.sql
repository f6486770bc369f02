-- spec
CREATE TABLE t(a TEXT DEFAULT 'x y');
-- live
CREATE TABLE t(a TEXT DEFAULT 'x  y');
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
