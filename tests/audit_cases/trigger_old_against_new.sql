-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER UPDATE ON t BEGIN INSERT INTO log VALUES(old.a,1); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER UPDATE ON t BEGIN INSERT INTO log VALUES(new.a,1); END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
