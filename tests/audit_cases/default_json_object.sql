-- spec
CREATE TABLE t(a TEXT NOT NULL DEFAULT '{}');
-- live
CREATE TABLE t(a TEXT NOT NULL);
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
