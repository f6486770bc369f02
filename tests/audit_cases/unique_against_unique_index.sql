-- spec
CREATE TABLE t(a UNIQUE);
-- live
CREATE TABLE t(a);CREATE UNIQUE INDEX i ON t(a);
-- expect: warning missing-unique t.a
-- note: an index can be dropped on its own, a constraint can't
-- reversed
-- expect: warning extra-unique t.a
