-- spec
CREATE TABLE t(a CHECK(a>0) CHECK(a<9));
-- live
CREATE TABLE t(a CHECK(a<9));
-- expect: error missing-check t.a
-- reversed
-- expect: error extra-check t.a
