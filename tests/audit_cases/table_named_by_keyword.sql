-- spec
CREATE TABLE "order"("select" TEXT, "group" CHECK("group">0));
-- live
CREATE TABLE [order](`select` INT, [group] CHECK([group]>0));
-- expect: error column-type order.select
-- reversed
-- expect: error column-type order.select
