-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(c COLLATE BINARY);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(c);
-- expect: error index-definition t.i
-- reversed
-- expect: error index-definition t.i
