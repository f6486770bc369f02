-- spec
CREATE TABLE t(a,b TEXT);
-- live
CREATE TABLE t(a);
-- expect: error missing-column t.b
-- reversed
-- expect: error extra-column t.b
