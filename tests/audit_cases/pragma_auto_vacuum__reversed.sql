-- spec
PRAGMA auto_vacuum=NONE;
-- live
PRAGMA auto_vacuum=FULL;
-- expect: error pragma auto_vacuum
