-- case
CREATE TABLE t(a, b AS (a + 1));
ALTER TABLE t RENAME COLUMN a TO c;
UPDATE t SET c = u.x FROM u;
INSERT INTO t VALUES(1) ON CONFLICT (c) DO NOTHING RETURNING c;
CREATE TABLE u(x); ALTER TABLE u ADD y; ALTER TABLE u DROP COLUMN y;
SELECT iif(1, 2, 3), substring('a', 1);
WITH x AS MATERIALIZED (SELECT 1) SELECT * FROM x ORDER BY 1 NULLS LAST;
-- case, sqlite 3.20
CREATE TABLE t(a, b AS (a + 1));
ALTER TABLE t RENAME COLUMN a TO c;
UPDATE t SET c = u.x FROM u;
INSERT INTO t VALUES(1) ON CONFLICT (c) DO NOTHING RETURNING c;
CREATE TABLE u(x); ALTER TABLE u ADD y; ALTER TABLE u DROP COLUMN y;
SELECT iif(1, 2, 3), substring('a', 1);
WITH x AS MATERIALIZED (SELECT 1) SELECT * FROM x ORDER BY 1 NULLS LAST;
-- expect: newer-sqlite in line 1
-- expect: newer-sqlite in line 2
-- expect: newer-sqlite in line 3
-- expect: newer-sqlite in line 4
-- expect: newer-sqlite in line 4
-- expect: newer-sqlite in line 5
-- expect: newer-sqlite in line 6
-- expect: newer-sqlite in line 6
-- expect: newer-sqlite in line 7
-- expect: newer-sqlite in line 7
-- case
CREATE TABLE strict(concat, "right", returning);
CREATE INDEX i ON format(a);
CREATE TABLE concat(a REFERENCES format(a)); INSERT INTO concat(a) VALUES('->');
UPDATE strict SET returning = 1 WHERE a = (SELECT b FROM c);
SELECT concat FROM strict;
SELECT a FROM (SELECT a FROM t GROUP BY a HAVING a > (SELECT 1)) GROUP BY a, (SELECT 2) HAVING count(*) > 1;
-- case
CREATE TABLE t(a INT) STRICT;
ALTER TABLE t ALTER COLUMN a SET NOT NULL;
ALTER TABLE t ADD CHECK(a > 0);
ALTER TABLE t ADD CONSTRAINT c CHECK(a > 0);
ALTER TABLE t DROP CONSTRAINT c;
SELECT * FROM t RIGHT JOIN u ON 1 FULL OUTER JOIN v ON 1;
UPDATE t SET a = a -> 'x' ->> 'y';
SELECT Concat(1, 2), concat(1_000) WHERE 1 IS NOT DISTINCT FROM 2;
UPDATE t SET a = 1 WHERE a IS DISTINCT FROM 1;
-- expect: newer-sqlite in line 1
-- expect: newer-sqlite in line 2
-- expect: newer-sqlite in line 3
-- expect: newer-sqlite in line 4
-- expect: newer-sqlite in line 5
-- expect: newer-sqlite in line 6
-- expect: newer-sqlite in line 7
-- expect: newer-sqlite in line 8
-- expect: newer-sqlite in line 8
-- expect: newer-sqlite in line 8
-- expect: newer-sqlite in line 9
-- case
INSERT INTO t SELECT count(*) FROM (SELECT a FROM u GROUP BY a) HAVING count(*) > 0;
SELECT a FROM t WHERE a IN (SELECT max(a) FROM t
HAVING max(a) > 1) GROUP BY a;
-- expect: newer-sqlite in line 1
-- expect: newer-sqlite in line 3
-- case, sqlite 3.44
SELECT concat(1, 2); CREATE TABLE t(a INT) STRICT;
