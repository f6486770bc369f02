-- spec
CREATE TABLE t(a TEXT DEFAULT abc);
-- live
CREATE TABLE t(a TEXT DEFAULT Abc);
-- expect: error column-default t.a
