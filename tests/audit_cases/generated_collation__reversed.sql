-- spec
CREATE TABLE t(a, b AS (a));
-- live
CREATE TABLE t(a, b AS (a COLLATE NOCASE));
-- expect: error column-generated t.b
