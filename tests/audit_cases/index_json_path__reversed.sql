-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a->>'$.X');
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a->>'$.x');
-- expect: error index-definition t.i
