-- spec
CREATE TABLE "two
lines"("x
y" TEXT, b INT);
-- live
CREATE TABLE "two
lines"("x
y" TEXT, b);
-- expect: error column-type two\nlines.b
