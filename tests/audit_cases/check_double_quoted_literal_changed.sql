-- spec
CREATE TABLE t(a CHECK(a<>"x"));
-- live
CREATE TABLE t(a CHECK(a<>"y"));
-- expect: error missing-check t.a
-- note: "x" is no column here, SQLite takes it for the string 'x'
-- reversed
-- expect: error missing-check t.a
