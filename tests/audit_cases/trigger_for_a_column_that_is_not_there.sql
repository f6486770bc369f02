-- spec
CREATE TABLE t(a TEXT, b TEXT); CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN UPDATE t SET b = new.a; END;
-- live
CREATE TABLE t(a TEXT, b TEXT); CREATE TRIGGER r AFTER UPDATE OF a, z ON t BEGIN UPDATE t SET b = new.a; END;
-- expect: error trigger-definition t.r
-- expect: error broken-trigger t.r
-- note: no such column: z (behind UPDATE OF)
-- reversed
-- expect: error trigger-definition t.r
-- expect: error broken-trigger t.r
