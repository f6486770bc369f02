-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a);CREATE INDEX sqlitei ON t(a);
-- expect: error extra-index t.sqlitei
