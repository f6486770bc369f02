-- spec
CREATE TABLE t(a,b,CHECK(CASE a WHEN 1 THEN b>0 ELSE b IS NULL END));
-- live
CREATE TABLE t(a,b,CHECK(CASE a WHEN 1 THEN b>0 ELSE b IS NOT NULL END));
-- expect: error missing-check t.a, b
-- reversed
-- expect: error missing-check t.a, b
