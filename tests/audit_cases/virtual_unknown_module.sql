-- spec
CREATE VIRTUAL TABLE f USING vec0(e float[768]);
-- live
CREATE VIRTUAL TABLE f USING vec0(e float[1536]);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
