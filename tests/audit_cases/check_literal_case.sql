-- spec
CREATE TABLE t(a CHECK(a='x'));
-- live
CREATE TABLE t(a CHECK(a='X'));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
