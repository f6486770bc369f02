-- spec
CREATE TABLE t(a,b);CREATE TABLE k(a PRIMARY KEY);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT OR IGNORE INTO k VALUES(new.a); END;
-- live
CREATE TABLE t(a,b);CREATE TABLE k(a PRIMARY KEY);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO k VALUES(new.a); END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
