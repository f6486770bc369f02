-- spec
CREATE TABLE u(a);CREATE VIEW t AS SELECT a FROM u;
-- live
CREATE TABLE t(a);CREATE INDEX i ON t(a);CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
-- expect: error missing-view t
-- expect: error missing-table u
