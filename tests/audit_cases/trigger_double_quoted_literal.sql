-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a="x"; END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a="y"; END;
-- expect: error trigger-definition t.r
-- note: "x" is not a column here
-- reversed
-- expect: error trigger-definition t.r
