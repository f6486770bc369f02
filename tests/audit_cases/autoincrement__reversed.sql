-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT);
-- expect: error autoincrement t
