-- spec
CREATE TABLE t(a,b,CHECK(a=b COLLATE NOCASE));
-- live
CREATE TABLE t(a,b,CHECK(a=b));
-- expect: error missing-check t.a, b
-- reversed
-- expect: error missing-check t.a, b
