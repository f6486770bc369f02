-- case
CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;
-- case
BEGIN;
SELECT 1;
END;
-- expect: transaction-control in line 1
-- expect: transaction-control in line 3
-- case
vacuum;
-- expect: transaction-control in line 1
-- case
SELECT 1;
-- down
SAVEPOINT x
-- expect: transaction-control in line 1 of the down
