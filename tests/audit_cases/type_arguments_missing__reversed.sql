-- spec
CREATE TABLE t(a VARCHAR);
-- live
CREATE TABLE t(a VARCHAR(10));
-- expect: error column-type t.a
