-- spec
CREATE TABLE s(a INTEGER);CREATE TABLE t(a INTEGER);
-- live
CREATE TABLE s(a INTEGER);CREATE TABLE t AS SELECT a FROM s;
-- expect: error column-type t.a
-- reversed
-- expect: error column-type t.a
