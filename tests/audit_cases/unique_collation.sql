-- spec
CREATE TABLE t(a TEXT, UNIQUE(a COLLATE NOCASE));
-- live
CREATE TABLE t(a TEXT, UNIQUE(a));
-- expect: error missing-unique t.a
-- expect: error extra-unique t.a
-- reversed
-- expect: error extra-unique t.a
-- expect: error missing-unique t.a
