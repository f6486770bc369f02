-- spec
CREATE TABLE t(a, b AS (a||"x"));
-- live
CREATE TABLE t(a, b AS (a||"y"));
-- expect: error column-generated t.b
-- note: "x" is not a column here
-- reversed
-- expect: error column-generated t.b
