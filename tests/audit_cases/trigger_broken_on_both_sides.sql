-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO gone VALUES(new.a<>1); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r AFTER INSERT ON t BEGIN insert into [gone] values(NEW.A != 1); END;
-- expect: error broken-trigger t.r
-- note: trigger r on t does not compile: no such table: gone
