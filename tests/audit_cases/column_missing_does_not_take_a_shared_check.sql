-- spec
CREATE TABLE t(a,b,CHECK(a<b));
-- live
CREATE TABLE t(a);
-- expect: error missing-column t.b
-- expect: error missing-check t.a, b
-- reversed
-- expect: error extra-column t.b
-- expect: error extra-check t.a, b
