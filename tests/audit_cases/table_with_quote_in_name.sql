-- spec
CREATE TABLE "o'brien"(a);
-- live
CREATE TABLE "o'brien"(a INT);
-- expect: error column-type o'brien.a
-- reversed
-- expect: error column-type o'brien.a
