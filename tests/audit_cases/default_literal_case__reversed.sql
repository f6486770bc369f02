-- spec
CREATE TABLE t(a TEXT DEFAULT 'X');
-- live
CREATE TABLE t(a TEXT DEFAULT 'x');
-- expect: error column-default t.a
