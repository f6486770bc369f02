-- spec
CREATE TABLE t(a BLOB DEFAULT 'A');
-- live
CREATE TABLE t(a BLOB DEFAULT x'41');
-- expect: error column-default t.a
