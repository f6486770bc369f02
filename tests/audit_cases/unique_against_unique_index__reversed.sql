-- spec
CREATE TABLE t(a);CREATE UNIQUE INDEX i ON t(a);
-- live
CREATE TABLE t(a UNIQUE);
-- expect: warning extra-unique t.a
