-- spec
CREATE TABLE t(a,b,c,CHECK(a OR b AND c));
-- live
CREATE TABLE t(a,b,c,CHECK((a OR b) AND c));
-- expect: error missing-check t.a, b, c
-- reversed
-- expect: error missing-check t.a, b, c
