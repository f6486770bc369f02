-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(b) WHERE a='x' COLLATE NOCASE;
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(b) WHERE a='x';
-- expect: error index-definition t.i
-- reversed
-- expect: error index-definition t.i
