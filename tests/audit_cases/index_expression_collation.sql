-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(lower(a) COLLATE NOCASE);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(lower(a));
-- expect: error index-definition t.i
-- reversed
-- expect: error index-definition t.i
