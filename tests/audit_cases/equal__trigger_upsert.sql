-- spec
CREATE TABLE t(a);CREATE TABLE n(k PRIMARY KEY, c);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO n VALUES(new.a,1) ON CONFLICT(k) DO UPDATE SET c=c+1 WHERE excluded.k<>''; END;
-- live
CREATE TABLE t(a);CREATE TABLE n(k PRIMARY KEY, c);CREATE TRIGGER r AFTER INSERT ON t BEGIN insert into n values(new.a,(1)) on conflict(K) do update set C=(c+1) where (excluded.k!=''); END;
