-- spec
CREATE TABLE "ä"(b);
-- live
CREATE TABLE "Ä"(a);
-- expect: error missing-table ä
-- expect: error extra-table Ä
