-- spec
CREATE TABLE t(a TEXT) STRICT;
-- live
CREATE TABLE t(a ANY) STRICT;
-- expect: error column-type t.a
