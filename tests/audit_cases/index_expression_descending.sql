-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t((a||b) DESC);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t((a||b));
-- expect: error index-definition t.i
-- reversed
-- expect: error index-definition t.i
