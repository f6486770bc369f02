-- spec
CREATE TABLE t(a INT);
-- live
CREATE TABLE t(a TEXT);
-- expect: error column-type t.a
