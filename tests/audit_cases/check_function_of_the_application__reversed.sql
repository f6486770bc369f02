-- spec
CREATE TABLE t(a CHECK(is_uuid(a)));
-- live
CREATE TABLE t(a CHECK(is_ulid(a)));
-- expect: error missing-check t.a
