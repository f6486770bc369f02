-- spec
CREATE TABLE t(a INT PRIMARY KEY, b TEXT) STRICT;
-- live
CREATE TABLE t(a INT PRIMARY KEY, b TEXT);
-- expect: error table-option t
-- reversed
-- expect: error table-option t
