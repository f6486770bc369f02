-- spec
CREATE VIRTUAL TABLE f USING vec0(e float[1536]);
-- live
CREATE VIRTUAL TABLE f USING vec0(e float[768]);
-- expect: error virtual-table f
