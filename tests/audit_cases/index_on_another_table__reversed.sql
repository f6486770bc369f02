-- spec
CREATE TABLE t(a);CREATE TABLE u(a);CREATE INDEX i ON u(a);
-- live
CREATE TABLE t(a);CREATE TABLE u(a);CREATE INDEX i ON t(a);
-- expect: error index-definition u.i
