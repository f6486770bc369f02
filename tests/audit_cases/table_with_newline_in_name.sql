-- spec
CREATE TABLE "two
lines"("x
y" TEXT, b);
-- live
CREATE TABLE "two
lines"("x
y" TEXT, b INT);
-- expect: error column-type two\nlines.b
-- reversed
-- expect: error column-type two\nlines.b
