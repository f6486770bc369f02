-- spec
CREATE TABLE t(a CHECK(a>0));
-- live
CREATE TABLE t(a);
-- expect: error missing-check t.a
-- reversed
-- expect: error extra-check t.a
