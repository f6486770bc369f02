-- spec
CREATE TABLE t(a CHECK(a<>1));
-- live
CREATE TABLE t(a CHECK(a<>1.0));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
