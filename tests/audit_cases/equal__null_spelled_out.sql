-- spec
CREATE TABLE t(a TEXT NULL);
-- live
CREATE TABLE t(a TEXT);
