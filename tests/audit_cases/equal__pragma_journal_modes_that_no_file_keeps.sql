-- spec
PRAGMA journal_mode=TRUNCATE;
-- live
PRAGMA journal_mode=DELETE;
