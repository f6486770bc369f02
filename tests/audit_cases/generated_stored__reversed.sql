-- spec
CREATE TABLE t(a INT, b AS (a+1));
-- live
CREATE TABLE t(a INT, b AS (a+1) STORED);
-- expect: error column-generated t.b
