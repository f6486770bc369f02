-- spec
CREATE TABLE "Ä"(a);
-- live
CREATE TABLE "ä"(b);
-- expect: error missing-table Ä
-- expect: error extra-table ä
-- reversed
-- expect: error missing-table ä
-- expect: error extra-table Ä
