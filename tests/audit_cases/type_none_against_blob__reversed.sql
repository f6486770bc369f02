-- spec
CREATE TABLE t(a BLOB);
-- live
CREATE TABLE t(a);
-- expect: error column-type t.a
