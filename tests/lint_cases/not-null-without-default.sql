-- case
ALTER TABLE t ADD COLUMN a INT NOT NULL DEFAULT 0; ALTER TABLE t ADD b CHECK(b NOT NULL);
-- case
CREATE TABLE u(x); ALTER TABLE u RENAME TO t; ALTER TABLE t ADD COLUMN a INT NOT NULL;
-- case
ALTER TABLE t ADD COLUMN a INT NOT NULL AS (b + 1);
-- case
ALTER TABLE t
  ADD a INT NOT NULL;
ALTER TABLE t ADD COLUMN a INT DEFAULT NULL NOT NULL;
-- expect: not-null-without-default in line 2
-- expect: not-null-without-default in line 3
-- case
SELECT 1;
-- down
ALTER TABLE t ADD a NOT NULL
-- expect: not-null-without-default in line 1 of the down
