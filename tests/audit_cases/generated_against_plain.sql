-- spec
CREATE TABLE t(a INT, b AS (a+1));
-- live
CREATE TABLE t(a INT, b);
-- expect: error column-generated t.b
-- reversed
-- expect: error column-generated t.b
