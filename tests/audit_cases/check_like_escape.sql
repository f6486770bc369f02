-- spec
CREATE TABLE t(a CHECK(a LIKE 'a!%%' ESCAPE '!'));
-- live
CREATE TABLE t(a CHECK(a LIKE 'a!%%'));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
