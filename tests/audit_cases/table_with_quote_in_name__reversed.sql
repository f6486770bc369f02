-- spec
CREATE TABLE "o'brien"(a INT);
-- live
CREATE TABLE "o'brien"(a);
-- expect: error column-type o'brien.a
