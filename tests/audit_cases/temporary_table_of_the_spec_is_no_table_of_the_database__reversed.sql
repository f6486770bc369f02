-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE temp.t(a);
-- expect: error missing-table t
