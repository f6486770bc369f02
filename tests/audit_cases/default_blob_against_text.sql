-- spec
CREATE TABLE t(a BLOB DEFAULT x'41');
-- live
CREATE TABLE t(a BLOB DEFAULT 'A');
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
