-- spec
CREATE TABLE t(a DECIMAL(10,2));
-- live
CREATE TABLE t(a DECIMAL(10,3));
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
