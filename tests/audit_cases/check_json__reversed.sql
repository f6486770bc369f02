-- spec
CREATE TABLE t(a CHECK(json_valid(a,6)));
-- live
CREATE TABLE t(a CHECK(json_valid(a)));
-- expect: error missing-check t.a
