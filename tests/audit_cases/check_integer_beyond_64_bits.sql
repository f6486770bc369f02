-- spec
CREATE TABLE t(a CHECK(a<9223372036854775808));
-- live
CREATE TABLE t(a CHECK(a<9223372036854777856));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
