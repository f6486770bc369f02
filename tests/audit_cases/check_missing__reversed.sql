-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a CHECK(a>0));
-- expect: error extra-check t.a
