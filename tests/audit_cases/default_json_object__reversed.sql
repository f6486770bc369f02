-- spec
CREATE TABLE t(a TEXT NOT NULL);
-- live
CREATE TABLE t(a TEXT NOT NULL DEFAULT '{}');
-- expect: error column-default t.a
