-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a,b,CHECK(a<b));
-- expect: error extra-column t.b
-- expect: error extra-check t.a, b
