-- spec
CREATE TABLE ""(a);
-- live
CREATE TABLE ""(a TEXT);
-- expect: error column-type .a
