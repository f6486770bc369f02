-- spec
CREATE TABLE t(a INT, b AS (a+1) STORED);
-- live
CREATE TABLE t(a INT, b AS (a+1));
-- expect: error column-generated t.b
-- reversed
-- expect: error column-generated t.b
