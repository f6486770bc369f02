-- spec
CREATE TABLE t(a,b,c);
-- live
CREATE TABLE t(a,c);
-- expect: error missing-column t.b
-- reversed
-- expect: error extra-column t.b
