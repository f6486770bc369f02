-- spec
CREATE TABLE t(a,CHECK(a<>"x"));
-- live
CREATE TABLE t(a,x,CHECK(a<>"x"));
-- expect: error extra-column t.x
-- note: reads "x" as the string 'x'
