-- spec
CREATE VIRTUAL TABLE f USING rtree(id,x0,x1,+name TEXT);
-- live
CREATE VIRTUAL TABLE f USING rtree(id,x0,x1);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
