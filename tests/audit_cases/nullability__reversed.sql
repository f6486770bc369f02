-- spec
CREATE TABLE t(a TEXT);
-- live
CREATE TABLE t(a TEXT NOT NULL);
-- expect: error column-nullability t.a
