-- spec
PRAGMA user_version=7;
-- live
PRAGMA user_version=6;
-- expect: error pragma user_version
-- reversed
-- expect: error pragma user_version
