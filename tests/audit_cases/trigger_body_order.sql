-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM log; INSERT INTO log VALUES(new.a,'x'); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.a,'x'); DELETE FROM log; END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
