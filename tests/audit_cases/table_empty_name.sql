-- spec
CREATE TABLE ""(a TEXT);
-- live
CREATE TABLE ""(a);
-- expect: error column-type .a
-- reversed
-- expect: error column-type .a
