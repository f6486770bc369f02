-- spec
CREATE TABLE t(a CHECK(json_valid(a)));
-- live
CREATE TABLE t(a CHECK(json_valid(a,6)));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
