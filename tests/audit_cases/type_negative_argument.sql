-- spec
CREATE TABLE t(a NUMBER(-1));
-- live
CREATE TABLE t(a NUMBER(1));
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
