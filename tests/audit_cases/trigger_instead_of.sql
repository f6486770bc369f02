-- spec
CREATE TABLE t(a,b);CREATE VIEW v AS SELECT a FROM t;CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN INSERT INTO t(a) VALUES(new.a); END;
-- live
CREATE TABLE t(a,b);CREATE VIEW v AS SELECT a FROM t;CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN INSERT INTO t(b) VALUES(new.a); END;
-- expect: error trigger-definition v.r
-- reversed
-- expect: error trigger-definition v.r
