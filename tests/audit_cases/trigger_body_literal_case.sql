-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a='x'; END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a='X'; END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
