-- spec
CREATE TABLE temp.t(a);
-- live
CREATE TABLE t(a);
-- expect: error extra-table t
-- reversed
-- expect: error missing-table t
