-- spec
PRAGMA encoding='UTF-8';
-- live
PRAGMA encoding='UTF-16le';
-- expect: error pragma encoding
