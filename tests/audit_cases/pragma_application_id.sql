-- spec
PRAGMA application_id=0x1234;
-- live
PRAGMA application_id=1;
-- expect: error pragma application_id
-- reversed
-- expect: error pragma application_id
