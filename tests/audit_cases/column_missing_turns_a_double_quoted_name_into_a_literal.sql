-- spec
CREATE TABLE t(a,x,CHECK(a<>"x"));
-- live
CREATE TABLE t(a,CHECK(a<>"x"));
-- expect: error missing-column t.x
-- note: reads "x" as the string 'x'
-- reversed
-- expect: error extra-column t.x
-- note: reads "x" as the string 'x'
