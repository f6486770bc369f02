-- spec
CREATE VIRTUAL TABLE f USING vec0(e float[768]);CREATE TABLE f_backup(x);
-- live
CREATE VIRTUAL TABLE f USING vec0(e float[768]);
-- expect: error missing-table f_backup
