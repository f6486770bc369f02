-- spec
CREATE VIRTUAL TABLE f USING csv(filename=data.csv);
-- live
CREATE VIRTUAL TABLE f USING csv(filename=Data.csv);
-- expect: error virtual-table f
