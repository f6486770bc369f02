-- spec
PRAGMA user_version=6;
-- live
PRAGMA user_version=7;
-- expect: error pragma user_version
