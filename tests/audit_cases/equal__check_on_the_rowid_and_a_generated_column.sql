-- spec
CREATE TABLE t(a, b AS (a+1), CHECK(rowid>0 AND b<>1));
-- live
CREATE TABLE t(a, b AS (a+1), CHECK((rowid>0) AND (b)!=1));
