-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT,'no'); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT RAISE(FAIL,'no'); END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
