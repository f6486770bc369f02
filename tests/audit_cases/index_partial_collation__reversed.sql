-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(b) WHERE a='x';
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(b) WHERE a='x' COLLATE NOCASE;
-- expect: error index-definition t.i
