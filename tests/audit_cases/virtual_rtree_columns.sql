-- spec
CREATE VIRTUAL TABLE f USING rtree(id,x0,x1);
-- live
CREATE VIRTUAL TABLE f USING rtree(id,x0,x1,y0,y1);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
