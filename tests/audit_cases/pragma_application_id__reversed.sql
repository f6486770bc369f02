-- spec
PRAGMA application_id=1;
-- live
PRAGMA application_id=0x1234;
-- expect: error pragma application_id
