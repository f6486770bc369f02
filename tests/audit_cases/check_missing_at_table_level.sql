-- spec
CREATE TABLE t(a,b,CHECK(a<=b));
-- live
CREATE TABLE t(a,b);
-- expect: error missing-check t.a, b
-- reversed
-- expect: error extra-check t.a, b
