-- spec
CREATE VIRTUAL TABLE f USING vec0(e float[768]);
-- live
CREATE VIRTUAL TABLE f USING vec0(e float[768]);CREATE TABLE f_backup(x);
-- expect: error extra-table f_backup
-- reversed
-- expect: error missing-table f_backup
