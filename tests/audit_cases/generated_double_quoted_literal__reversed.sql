-- spec
CREATE TABLE t(a, b AS (a||"y"));
-- live
CREATE TABLE t(a, b AS (a||"x"));
-- expect: error column-generated t.b
