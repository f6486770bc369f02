-- case
-- planctl:allow destructive-statement nobody ever wrote to it
DROP TABLE t;
-- case
-- planctl:allow destructive-statement
DROP TABLE t;
-- expect: allow-without-reason in line 1
-- case
-- planctl:allow destructive-statment gone
DROP TABLE t;
-- expect: unknown-rule in line 1
-- expect: destructive-statement in line 2
-- case
-- planctl:allow destructive-statement gone
SELECT 1;
DROP TABLE t;
-- expect: unused-allow in line 1
-- expect: destructive-statement in line 3
-- case
DROP TABLE t;
-- planctl:allow destructive-statement gone

-- expect: destructive-statement in line 1
-- expect: unused-allow in line 2
-- case
-- planctl:allow destructive-statement a
-- planctl:allow missing-down b

-- and why
DELETE FROM t;
DELETE FROM u;
-- no down
-- expect: destructive-statement in line 6
