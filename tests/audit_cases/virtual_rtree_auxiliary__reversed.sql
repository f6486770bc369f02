-- spec
CREATE VIRTUAL TABLE f USING rtree(id,x0,x1);
-- live
CREATE VIRTUAL TABLE f USING rtree(id,x0,x1,+name TEXT);
-- expect: error virtual-table f
