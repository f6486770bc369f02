-- spec
CREATE TABLE t(id INT PRIMARY KEY);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY);
-- expect: error column-type t.id
-- reversed
-- expect: error column-type t.id
-- note: only INTEGER makes a primary key the rowid
