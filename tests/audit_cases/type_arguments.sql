-- spec
CREATE TABLE t(a VARCHAR(10));
-- live
CREATE TABLE t(a VARCHAR(20));
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
