-- spec
CREATE TABLE t(a DECIMAL(10,3));
-- live
CREATE TABLE t(a DECIMAL(10,2));
-- expect: error column-type t.a
