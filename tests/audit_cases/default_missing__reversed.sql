-- spec
CREATE TABLE t(a TEXT);
-- live
CREATE TABLE t(a TEXT DEFAULT 'x');
-- expect: error column-default t.a
