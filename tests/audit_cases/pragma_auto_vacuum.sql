-- spec
PRAGMA auto_vacuum=FULL;
-- live
PRAGMA auto_vacuum=NONE;
-- expect: error pragma auto_vacuum
-- reversed
-- expect: error pragma auto_vacuum
