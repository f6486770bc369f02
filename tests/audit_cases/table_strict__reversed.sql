-- spec
CREATE TABLE t(a INT PRIMARY KEY, b TEXT);
-- live
CREATE TABLE t(a INT PRIMARY KEY, b TEXT) STRICT;
-- expect: error table-option t
