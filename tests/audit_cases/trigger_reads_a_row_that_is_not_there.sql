-- spec
CREATE TABLE t(a TEXT, b TEXT); CREATE TRIGGER r AFTER INSERT ON t WHEN new.a > 1 BEGIN DELETE FROM t; END;
-- live
CREATE TABLE t(a TEXT, b TEXT); CREATE TRIGGER r AFTER INSERT ON t WHEN old.a > 1 BEGIN DELETE FROM t; END;
-- expect: error trigger-definition t.r
-- expect: error broken-trigger t.r
-- note: no such column: old.a
-- reversed
-- expect: error trigger-definition t.r
-- expect: error broken-trigger t.r
