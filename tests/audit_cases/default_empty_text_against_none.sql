-- spec
CREATE TABLE t(a TEXT DEFAULT '');
-- live
CREATE TABLE t(a TEXT);
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
