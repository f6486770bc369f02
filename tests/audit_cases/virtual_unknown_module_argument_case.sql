-- spec
CREATE VIRTUAL TABLE f USING csv(filename=Data.csv);
-- live
CREATE VIRTUAL TABLE f USING csv(filename=data.csv);
-- expect: error virtual-table f
-- reversed
-- expect: error virtual-table f
