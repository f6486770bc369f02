-- spec
CREATE TABLE t(a TEXT, UNIQUE(a));
-- live
CREATE TABLE t(a TEXT, UNIQUE(a COLLATE NOCASE));
-- expect: error extra-unique t.a
-- expect: error missing-unique t.a
