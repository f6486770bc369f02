-- spec
CREATE TABLE t(a);CREATE INDEX sqlitei ON t(a);
-- live
CREATE TABLE t(a);
-- expect: error missing-index t.sqlitei
-- reversed
-- expect: error extra-index t.sqlitei
