-- spec
CREATE TABLE t(a CLOB);
-- live
CREATE TABLE t(a TEXT);
-- expect: error column-type t.a
