-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX j ON t(a);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a);
-- expect: error missing-index t.j
-- expect: error extra-index t.i
