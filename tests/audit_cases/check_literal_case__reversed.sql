-- spec
CREATE TABLE t(a CHECK(a='X'));
-- live
CREATE TABLE t(a CHECK(a='x'));
-- expect: error missing-check t.a
