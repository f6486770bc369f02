-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);CREATE TRIGGER r UPDATE OF a,b ON t WHEN new.a<>1 BEGIN UPDATE t SET a=TRUE WHERE (a NOTNULL); END;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE log(x,y);create trigger "R" before update of [b], A on T for each row when (NEW."a" != 1) begin update "t" set [a]=1 where a IS NOT NULL; end;
