-- spec
CREATE TABLE t(a CHECK(a IN ('a','b')));
-- live
CREATE TABLE t(a CHECK(a IN ('a','b','c')));
-- expect: error missing-check t.a
