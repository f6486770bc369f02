-- spec
CREATE TABLE t(a NUMERIC);
-- live
CREATE TABLE t(a);
-- expect: error column-type t.a
