-- case
CREATE TABLE t(a);
-- down
DROP TABLE t;
-- case
-- only a note
-- down
-- nothing to do
-- expect: empty-up in line 1
-- case
-- planctl:irreversible gone
SELECT 1;
-- down

-- case
SELECT 1;
-- down
-- planctl:allow empty-down it only read

-- case
SELECT 1;
-- down

-- later

-- expect: empty-down in line 1 of the down
