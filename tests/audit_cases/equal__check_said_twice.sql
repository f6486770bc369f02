-- spec
CREATE TABLE t(a CHECK(a>0),CHECK(a>0));
-- live
CREATE TABLE t(a CHECK(a>0));
