-- spec
CREATE TABLE t(a CHECK(a -- the value
 > /* more than */ 0));
-- live
CREATE TABLE t(a CHECK(a>0));
