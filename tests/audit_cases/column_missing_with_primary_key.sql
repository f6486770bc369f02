-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY, a);
-- live
CREATE TABLE t(a);
-- expect: error missing-column t.id
-- reversed
-- expect: error extra-column t.id
