-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX i ON t(a);
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE INDEX j ON t(a);
-- expect: error missing-index t.i
-- expect: error extra-index t.j
-- note: looks renamed to j
-- note: looks renamed from i
-- reversed
-- expect: error missing-index t.j
-- expect: error extra-index t.i
