-- spec
CREATE TABLE t(a CHECK(a<>x'ab'));
-- live
CREATE TABLE t(a CHECK(a<>x'ac'));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
