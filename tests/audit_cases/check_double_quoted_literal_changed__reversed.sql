-- spec
CREATE TABLE t(a CHECK(a<>"y"));
-- live
CREATE TABLE t(a CHECK(a<>"x"));
-- expect: error missing-check t.a
