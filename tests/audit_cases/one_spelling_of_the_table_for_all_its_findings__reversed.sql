-- spec
CREATE TABLE plans(a, b CHECK(b>0), c);CREATE INDEX i ON PLANS(a);
-- live
CREATE TABLE Plans(a UNIQUE);
-- expect: error extra-unique plans.a
-- expect: error missing-column plans.b
-- expect: error missing-column plans.c
-- expect: error missing-index plans.i
