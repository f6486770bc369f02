-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO gone VALUES(1); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO gone VALUES(2); END;
-- expect: error trigger-definition t.r
-- expect: error broken-trigger t.r
-- reversed
-- expect: error trigger-definition t.r
-- expect: error broken-trigger t.r
