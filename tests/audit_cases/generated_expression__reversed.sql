-- spec
CREATE TABLE t(a INT, b AS (a+2));
-- live
CREATE TABLE t(a INT, b AS (a+1));
-- expect: error column-generated t.b
