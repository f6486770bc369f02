-- spec
PRAGMA journal_mode=WAL;
-- live
PRAGMA journal_mode=DELETE;
-- expect: error pragma journal_mode
-- reversed
-- expect: error pragma journal_mode
