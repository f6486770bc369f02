-- spec
CREATE TABLE t(a CHECK(t.a>0));
-- live
CREATE TABLE t(a CHECK(a>0));
