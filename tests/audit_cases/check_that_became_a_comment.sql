-- spec
CREATE TABLE t(a INT CHECK (a > 0));
-- live
CREATE TABLE t(a INT -- CHECK (a > 0)
);
-- expect: error missing-check t.a
