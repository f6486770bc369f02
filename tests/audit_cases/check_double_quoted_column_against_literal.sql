-- spec
CREATE TABLE t(a,x,CHECK(a<>"x"));
-- live
CREATE TABLE t(a,x,CHECK(a<>'x'));
-- expect: error missing-check t.a, x
-- expect: error extra-check t.a
-- reversed
-- expect: error missing-check t.a
-- expect: error extra-check t.a, x
