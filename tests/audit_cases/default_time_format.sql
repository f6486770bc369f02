-- spec
CREATE TABLE t(a DEFAULT (strftime('%Y','now')));
-- live
CREATE TABLE t(a DEFAULT (strftime('%y','now')));
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
