-- spec
CREATE TABLE t(a CHECK(a IN ('a','b','c')));
-- live
CREATE TABLE t(a CHECK(a IN ('a','b')));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
