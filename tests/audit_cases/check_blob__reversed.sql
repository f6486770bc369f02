-- spec
CREATE TABLE t(a CHECK(a<>x'ac'));
-- live
CREATE TABLE t(a CHECK(a<>x'ab'));
-- expect: error missing-check t.a
