-- spec
CREATE TABLE t(a CHECK(is_ulid(a)));
-- live
CREATE TABLE t(a CHECK(is_uuid(a)));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
