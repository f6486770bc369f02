-- spec
CREATE TABLE t(a VARCHAR /* int */ (10));
-- live
CREATE TABLE t(a VARCHAR(10));
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
