-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.a,'x'); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);
-- expect: error missing-trigger t.r
-- reversed
-- expect: error extra-trigger t.r
