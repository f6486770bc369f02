-- case target rqlite
INSERT INTO t(a) VALUES(randomblob(4));
UPDATE t SET a = datetime('now'), b = strftime('%s') WHERE c < CURRENT_TIMESTAMP;
CREATE TABLE u(a DEFAULT CURRENT_TIMESTAMP, b DEFAULT (random()));
CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = julianday(); END;
CREATE VIEW v AS SELECT random() AS r, datetime('now') AS n;
-- expect: non-deterministic-statement in line 1
-- expect: non-deterministic-statement in line 2
-- expect: non-deterministic-statement in line 2
-- expect: non-deterministic-statement in line 2
-- expect: non-deterministic-statement in line 3
-- expect: non-deterministic-statement in line 3
-- expect: non-deterministic-statement in line 4
-- expect: non-deterministic-statement in line 5

-- case target rqlite
INSERT INTO t(a) VALUES(datetime('2026-01-01')), (t.random);
CREATE TABLE u(date TEXT, time TEXT, random INTEGER);
SELECT random();

-- case target d1
INSERT INTO t(a) VALUES(randomblob(4));

-- case
INSERT INTO t(a) VALUES(randomblob(4));
