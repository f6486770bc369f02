-- spec
CREATE TABLE t(a,CONSTRAINT c CHECK(a>0));
-- live
CREATE TABLE t(a,CONSTRAINT d CHECK(a>0));
-- expect: warning constraint-name t.c
-- reversed
-- expect: warning constraint-name t.d
