-- spec
CREATE TABLE t(a,c,b);
-- live
CREATE TABLE t(a,b,c);
-- expect: warning column-order t
