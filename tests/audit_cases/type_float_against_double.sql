-- spec
CREATE TABLE t(a FLOAT);
-- live
CREATE TABLE t(a DOUBLE);
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
