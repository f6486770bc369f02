-- spec
CREATE TABLE t(a INT CHECK (a > 0));
-- live
CREATE TABLE t(a INT -- CHECK (a > 0)
);
-- expect: error missing-check t.a
-- reversed
-- expect: error extra-check t.a
