-- spec
CREATE TABLE t(a TEXT PRIMARY KEY);
-- live
CREATE TABLE t(a TEXT PRIMARY KEY NOT NULL);
-- expect: error column-nullability t.a
