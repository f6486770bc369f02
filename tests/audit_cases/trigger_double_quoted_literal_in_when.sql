-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER UPDATE ON t WHEN new.a="x" BEGIN SELECT 1; END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER UPDATE ON t WHEN new.a="y" BEGIN SELECT 1; END;
-- expect: error trigger-definition t.r
-- note: "x" is not a column here
-- reversed
-- expect: error trigger-definition t.r
