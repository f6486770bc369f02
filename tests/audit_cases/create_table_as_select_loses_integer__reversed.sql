-- spec
CREATE TABLE s(a INTEGER);CREATE TABLE t AS SELECT a FROM s;
-- live
CREATE TABLE s(a INTEGER);CREATE TABLE t(a INTEGER);
-- expect: error column-type t.a
