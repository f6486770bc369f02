-- spec
CREATE TABLE t (a INT PRIMARY KEY, b TEXT), WITHOUT ROWID;
-- live
CREATE TABLE t (a INT PRIMARY KEY, b TEXT);
-- expect: error table-option t
