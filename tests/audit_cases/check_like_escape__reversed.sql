-- spec
CREATE TABLE t(a CHECK(a LIKE 'a!%%'));
-- live
CREATE TABLE t(a CHECK(a LIKE 'a!%%' ESCAPE '!'));
-- expect: error missing-check t.a
