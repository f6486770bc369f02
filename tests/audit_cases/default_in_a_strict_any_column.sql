-- spec
CREATE TABLE t(a ANY DEFAULT '1') STRICT;
-- live
CREATE TABLE t(a ANY DEFAULT 1) STRICT;
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
