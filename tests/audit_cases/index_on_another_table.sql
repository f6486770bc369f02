-- spec
CREATE TABLE t(a);CREATE TABLE u(a);CREATE INDEX i ON t(a);
-- live
CREATE TABLE t(a);CREATE TABLE u(a);CREATE INDEX i ON u(a);
-- expect: error index-definition t.i
-- reversed
-- expect: error index-definition u.i
