-- spec
CREATE TABLE t(a INT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- live
create table t(a int primary key) without rowid,strict;
