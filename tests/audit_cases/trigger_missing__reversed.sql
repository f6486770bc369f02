-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.a,'x'); END;
-- expect: error extra-trigger t.r
