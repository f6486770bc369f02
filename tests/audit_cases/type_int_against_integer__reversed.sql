-- spec
CREATE TABLE t(a INTEGER);
-- live
CREATE TABLE t(a INT);
-- expect: error column-type t.a
