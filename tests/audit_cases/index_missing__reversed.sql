-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a);
-- expect: error extra-index t.i
