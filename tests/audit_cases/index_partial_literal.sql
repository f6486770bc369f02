-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a) WHERE b='x';
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a) WHERE b='X';
-- expect: error index-definition t.i
-- reversed
-- expect: error index-definition t.i
