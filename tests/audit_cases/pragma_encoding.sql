-- spec
PRAGMA encoding='UTF-16le';
-- live
PRAGMA encoding='UTF-8';
-- expect: error pragma encoding
-- reversed
-- expect: error pragma encoding
