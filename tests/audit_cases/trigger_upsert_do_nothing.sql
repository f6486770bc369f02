-- spec
CREATE TABLE t(a);CREATE TABLE n(k PRIMARY KEY, c);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO n VALUES(new.a,1) ON CONFLICT(k) DO NOTHING; END;
-- live
CREATE TABLE t(a);CREATE TABLE n(k PRIMARY KEY, c);CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO n VALUES(new.a,1) ON CONFLICT(k) DO UPDATE SET c=1; END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition t.r
