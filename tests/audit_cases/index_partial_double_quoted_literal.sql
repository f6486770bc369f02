-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a) WHERE b="x";
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a) WHERE b="y";
-- expect: error index-definition t.i
-- note: "x" is not a column here
-- reversed
-- expect: error index-definition t.i
