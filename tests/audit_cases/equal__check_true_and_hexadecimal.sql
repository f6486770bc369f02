-- spec
CREATE TABLE t(a CHECK(a=TRUE OR a=0x1F));
-- live
CREATE TABLE t(a CHECK(a=1 OR a=31));
