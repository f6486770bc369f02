-- spec
CREATE TABLE t(a);
-- live
CREATE TABLE t(a);CREATE TABLE t_data(id, block);
-- expect: error extra-table t_data
-- reversed
-- expect: error missing-table t_data
