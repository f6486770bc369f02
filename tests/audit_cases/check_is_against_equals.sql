-- spec
CREATE TABLE t(a CHECK(a IS 1));
-- live
CREATE TABLE t(a CHECK(a = 1));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
