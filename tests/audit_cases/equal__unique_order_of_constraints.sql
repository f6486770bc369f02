-- spec
CREATE TABLE t(a,b,UNIQUE(a,b),UNIQUE(b));
-- live
CREATE TABLE t(a,b UNIQUE,UNIQUE(a,b));
