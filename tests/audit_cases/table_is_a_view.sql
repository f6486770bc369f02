-- spec
CREATE TABLE t(a);CREATE INDEX i ON t(a);CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
-- live
CREATE TABLE u(a);CREATE VIEW t AS SELECT a FROM u;
-- expect: error missing-table t
-- expect: error extra-table u
-- note: table t is a view in the database
-- reversed
-- expect: error missing-view t
-- expect: error missing-table u
