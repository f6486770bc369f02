-- spec
CREATE TABLE t(a,b);
-- live
CREATE TABLE t(a,b,CHECK(a<=b));
-- expect: error extra-check t.a, b
