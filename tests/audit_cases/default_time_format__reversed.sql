-- spec
CREATE TABLE t(a DEFAULT (strftime('%y','now')));
-- live
CREATE TABLE t(a DEFAULT (strftime('%Y','now')));
-- expect: error column-default t.a
