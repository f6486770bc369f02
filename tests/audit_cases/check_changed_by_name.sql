-- spec
CREATE TABLE t(a,b,CONSTRAINT c CHECK(a>0));
-- live
CREATE TABLE t(a,b,CONSTRAINT c CHECK(b>0));
-- expect: error missing-check t.c
-- reversed
-- expect: error missing-check t.c
