-- spec
CREATE TABLE t(a INT);
-- live
CREATE TABLE t(a INTEGER);
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
