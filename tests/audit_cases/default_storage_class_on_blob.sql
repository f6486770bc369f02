-- spec
CREATE TABLE t(a BLOB DEFAULT 1);
-- live
CREATE TABLE t(a BLOB DEFAULT '1');
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
