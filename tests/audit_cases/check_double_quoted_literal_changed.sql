-- spec
CREATE TABLE t(a CHECK(a<>"x"));
-- live
CREATE TABLE t(a CHECK(a<>"y"));
-- expect: error missing-check t.a
-- note: "x" is not a column here, SQLite reads it as the string 'x'
-- reversed
-- expect: error missing-check t.a
