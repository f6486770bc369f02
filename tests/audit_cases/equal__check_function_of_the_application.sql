-- spec
CREATE TABLE t(a CHECK(is_ulid(a) AND (a COLLATE unicode_ci)<>'x'));
-- live
CREATE TABLE t(a CHECK(IS_ULID("a") and A COLLATE UNICODE_CI!='x'));
