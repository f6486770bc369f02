-- spec
CREATE TABLE t(a TEXT NOT NULL);
-- live
CREATE TABLE t(a TEXT);
-- expect: error column-nullability t.a
-- reversed
-- expect: error column-nullability t.a
