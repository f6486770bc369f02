-- spec
PRAGMA journal_mode=DELETE;
-- live
PRAGMA journal_mode=WAL;
-- expect: error pragma journal_mode
