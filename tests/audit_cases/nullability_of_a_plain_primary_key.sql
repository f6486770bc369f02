-- spec
CREATE TABLE t(a TEXT PRIMARY KEY NOT NULL);
-- live
CREATE TABLE t(a TEXT PRIMARY KEY);
-- expect: error column-nullability t.a
-- reversed
-- expect: error column-nullability t.a
