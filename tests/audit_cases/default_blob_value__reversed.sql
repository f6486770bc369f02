-- spec
CREATE TABLE t(a BLOB DEFAULT x'AC');
-- live
CREATE TABLE t(a BLOB DEFAULT x'AB');
-- expect: error column-default t.a
