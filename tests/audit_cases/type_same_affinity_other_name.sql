-- spec
CREATE TABLE t(a TEXT);
-- live
CREATE TABLE t(a CLOB);
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
