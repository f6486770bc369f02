-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(upper(a));
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(lower(a));
-- expect: error index-definition t.i
