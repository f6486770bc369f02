-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a,b TEXT);
-- expect: error extra-column t.b
