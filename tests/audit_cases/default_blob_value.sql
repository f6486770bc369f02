-- spec
CREATE TABLE t(a BLOB DEFAULT x'AB');
-- live
CREATE TABLE t(a BLOB DEFAULT x'AC');
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
