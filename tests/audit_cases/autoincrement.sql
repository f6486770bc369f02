-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY);
-- expect: error autoincrement t
-- reversed
-- expect: error autoincrement t
