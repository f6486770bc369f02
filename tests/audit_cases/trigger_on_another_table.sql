-- spec
CREATE TABLE t(a);CREATE TABLE u(a);CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
-- live
CREATE TABLE t(a);CREATE TABLE u(a);CREATE TRIGGER r AFTER INSERT ON u BEGIN SELECT 1; END;
-- expect: error trigger-definition t.r
-- reversed
-- expect: error trigger-definition u.r
