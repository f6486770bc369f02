-- spec
CREATE TABLE t(a CHECK(a<>0.1234567890123456));
-- live
CREATE TABLE t(a CHECK(a<>0.12345678901234561));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
