-- spec
CREATE TABLE t(a,c);
-- live
CREATE TABLE t(a,b,c);
-- expect: error extra-column t.b
