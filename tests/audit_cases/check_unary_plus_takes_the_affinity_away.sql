-- spec
CREATE TABLE t(a TEXT CHECK(+a<>1));
-- live
CREATE TABLE t(a TEXT CHECK(a<>1));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
