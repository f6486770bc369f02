-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a NUMERIC);
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
