-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(c);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(c COLLATE BINARY);
-- expect: error index-definition t.i
