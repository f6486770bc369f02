-- spec
CREATE TABLE t(a, b AS (a COLLATE NOCASE));
-- live
CREATE TABLE t(a, b AS (a));
-- expect: error column-generated t.b
-- reversed
-- expect: error column-generated t.b
