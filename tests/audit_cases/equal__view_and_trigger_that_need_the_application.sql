-- spec
CREATE TABLE t(a TEXT, b TEXT); CREATE VIRTUAL TABLE s USING spellfix1; CREATE TABLE log(x); CREATE VIRTUAL TABLE f USING fts5(x);
CREATE VIEW v1 AS SELECT geo_distance(a, b), group_it(a) OVER (ORDER BY b COLLATE german) FROM t HAVING all_of(a);
CREATE VIEW v2 AS SELECT s.word FROM s JOIN s_vocab USING (rank), generate_series(1, 3);
CREATE VIEW v3 AS SELECT value, name, segid FROM json_each('[]'), sqlite_sequence, f_idx, dbstat;
CREATE VIEW v4(p, q) AS SELECT version, name FROM refinery_schema_history;
CREATE TRIGGER r AFTER INSERT ON t WHEN wanted(new.a) BEGIN INSERT INTO v5(a) SELECT clean(new.a) FROM t; END;
CREATE VIEW v5 AS SELECT a FROM t; CREATE TRIGGER w INSTEAD OF INSERT ON v5 BEGIN INSERT INTO log VALUES (new.a || checked(new.a)); END;
-- live
CREATE TABLE t(a TEXT, b TEXT); CREATE VIRTUAL TABLE s USING spellfix1; CREATE TABLE log(x); CREATE VIRTUAL TABLE f USING fts5(x);
CREATE VIEW v1 AS SELECT geo_distance(a, b), group_it(a) OVER (ORDER BY b COLLATE german) FROM t HAVING all_of(a);
CREATE VIEW v2 AS SELECT s.word FROM s JOIN s_vocab USING (rank), generate_series(1, 3);
CREATE VIEW v3 AS SELECT value, name, segid FROM json_each('[]'), sqlite_sequence, f_idx, dbstat;
CREATE VIEW v4(p, q) AS SELECT version, name FROM refinery_schema_history;
CREATE TRIGGER r AFTER INSERT ON t WHEN wanted(new.a) BEGIN INSERT INTO v5(a) SELECT clean(new.a) FROM t; END;
CREATE VIEW v5 AS SELECT a FROM t; CREATE TRIGGER w INSTEAD OF INSERT ON v5 BEGIN INSERT INTO log VALUES (new.a || checked(new.a)); END;
