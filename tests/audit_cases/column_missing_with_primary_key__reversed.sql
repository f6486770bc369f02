-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY, a);
-- expect: error extra-column t.id
