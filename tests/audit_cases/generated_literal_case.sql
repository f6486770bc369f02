-- spec
CREATE TABLE t(a, b AS (a||'x'));
-- live
CREATE TABLE t(a, b AS (a||'X'));
-- expect: error column-generated t.b
-- reversed
-- expect: error column-generated t.b
