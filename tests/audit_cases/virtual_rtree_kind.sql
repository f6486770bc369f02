-- spec
CREATE VIRTUAL TABLE f USING rtree(id,x0,x1);
-- live
CREATE VIRTUAL TABLE f USING rtree_i32(id,x0,x1);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
