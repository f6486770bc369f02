-- spec
CREATE TABLE t(a TEXT DEFAULT Abc);
-- live
CREATE TABLE t(a TEXT DEFAULT abc);
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
