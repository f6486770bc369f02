-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT notify(new.a); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT notify(new.b); END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
