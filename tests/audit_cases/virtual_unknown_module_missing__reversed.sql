-- spec

-- live
CREATE VIRTUAL TABLE f USING vec0(e float[768]);
-- expect: error extra-table f
