-- case
PRAGMA user_version = 3; PRAGMA foreign_key_check; PRAGMA defer_foreign_keys = ON; PRAGMA foreign_keys;
-- case
pragma Foreign_Keys=off;
PRAGMA main.journal_mode(wal);
PRAGMA synchronous = 1;
PRAGMA wal_checkpoint;
-- expect: pragma-in-transaction in line 1
-- expect: pragma-in-transaction in line 2
-- expect: pragma-in-transaction in line 3
-- expect: pragma-in-transaction in line 4
-- case
SELECT 1;
-- down
PRAGMA foreign_keys = ON
-- expect: pragma-in-transaction in line 1 of the down
