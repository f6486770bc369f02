-- spec
CREATE TABLE t(a DOUBLE);
-- live
CREATE TABLE t(a FLOAT);
-- expect: error column-type t.a
