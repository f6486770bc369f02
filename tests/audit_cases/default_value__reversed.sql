-- spec
CREATE TABLE t(a TEXT DEFAULT 'y');
-- live
CREATE TABLE t(a TEXT DEFAULT 'x');
-- expect: error column-default t.a
