-- spec
CREATE TABLE t(a INT, b);
-- live
CREATE TABLE t(a INT, b AS (a+1));
-- expect: error column-generated t.b
