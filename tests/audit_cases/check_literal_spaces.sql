-- spec
CREATE TABLE t(a CHECK(a<>' '));
-- live
CREATE TABLE t(a CHECK(a<>'  '));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
