-- spec
CREATE TABLE t(a ANY) STRICT;
-- live
CREATE TABLE t(a TEXT) STRICT;
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
