-- spec
CREATE TABLE Plans(a UNIQUE);
-- live
CREATE TABLE plans(a, b CHECK(b>0), c);CREATE INDEX i ON PLANS(a);
-- expect: error missing-unique Plans.a
-- expect: error extra-column Plans.b
-- expect: error extra-column Plans.c
-- expect: error extra-index Plans.i
-- reversed
-- expect: error extra-unique plans.a
-- expect: error missing-column plans.b
-- expect: error missing-column plans.c
-- expect: error missing-index plans.i
