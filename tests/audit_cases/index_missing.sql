-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);
-- expect: error missing-index t.i
-- reversed
-- expect: error extra-index t.i
