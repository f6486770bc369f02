-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a BLOB);
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
