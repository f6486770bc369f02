-- spec
CREATE VIRTUAL TABLE f USING vec0(e float[768]);
-- live

-- expect: error missing-table f
-- reversed
-- expect: error extra-table f
