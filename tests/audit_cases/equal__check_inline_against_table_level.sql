-- spec
CREATE TABLE t(a CHECK(a>0), b CONSTRAINT c CHECK(b<>''));
-- live
CREATE TABLE t(a, b, CONSTRAINT c CHECK(b<>'') CHECK(a>0));
