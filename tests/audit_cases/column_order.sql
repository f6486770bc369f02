-- spec
CREATE TABLE t(a,b,c);
-- live
CREATE TABLE t(a,c,b);
-- expect: warning column-order t
-- reversed
-- expect: warning column-order t
