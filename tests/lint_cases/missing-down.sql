-- case
SELECT 1;
-- case
SELECT 1;
-- planctl:irreversible the rows are gone

-- no down
-- case
-- planctl:allow missing-down it changes no schema
SELECT 1;
-- no down
-- case
-- nothing

SELECT 1;
-- no down
-- expect: missing-down in line 3
