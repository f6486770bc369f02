-- spec
CREATE TABLE t(a);CREATE TABLE t_data(id, block);
-- live
CREATE TABLE t(a);
-- expect: error missing-table t_data
