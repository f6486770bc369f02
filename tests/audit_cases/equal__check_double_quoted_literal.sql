-- spec
CREATE TABLE t(a CHECK(a<>"x"));
-- live
CREATE TABLE t(a CHECK(a<>'x'));
