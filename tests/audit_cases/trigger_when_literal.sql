-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t WHEN new.a='x' BEGIN INSERT INTO log VALUES(new.a,'x'); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t WHEN new.a='X' BEGIN INSERT INTO log VALUES(new.a,'x'); END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
