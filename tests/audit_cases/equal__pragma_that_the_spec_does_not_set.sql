-- spec
CREATE TABLE t(a);PRAGMA user_version;PRAGMA temp.user_version=4;PRAGMA foreign_keys=ON;
-- live
CREATE TABLE t(a);
