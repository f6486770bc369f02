-- case
CREATE TABLE t_new(a);
INSERT INTO t_new SELECT a FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
-- case
CREATE TABLE u AS SELECT * FROM t; DROP TABLE t; DELETE FROM sqlite_sequence;
-- case
CREATE TABLE scratch(a); DELETE FROM scratch; DROP TABLE scratch;
-- case
DROP TABLE IF EXISTS t_new; CREATE TABLE t_new(a); INSERT INTO t_new SELECT a FROM t; DROP TABLE t; ALTER TABLE t_new RENAME TO t;
-- case
DELETE FROM t WHERE a IS NULL;
ALTER TABLE t ADD a; ALTER TABLE t DROP COLUMN a;
-- case
ALTER TABLE t ADD b; UPDATE t SET b = upper(a); ALTER TABLE t DROP COLUMN a;
-- case
SELECT 1;
-- down
DROP TABLE t; ALTER TABLE u DROP COLUMN a; DELETE FROM v;
-- case
DROP TABLE t;
ALTER TABLE u DROP a;
DELETE FROM v;
-- expect: destructive-statement in line 1
-- expect: destructive-statement in line 2
-- expect: destructive-statement in line 3
-- case
DELETE FROM t;
DROP TABLE t;
-- expect: destructive-statement in line 1
-- case
CREATE TABLE t_new(a);
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
-- expect: destructive-statement in line 2
-- case
DROP TABLE IF EXISTS t;
CREATE TABLE t(a);
-- expect: destructive-statement in line 1
-- case
UPDATE t SET a = 1;
ALTER TABLE t DROP COLUMN a;
-- expect: destructive-statement in line 2
