-- spec
CREATE TABLE t(a DEFAULT x'ab');
-- live
CREATE TABLE t(a DEFAULT X'AB');
