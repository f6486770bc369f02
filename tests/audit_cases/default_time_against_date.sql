-- spec
CREATE TABLE t(a DEFAULT CURRENT_TIMESTAMP);
-- live
CREATE TABLE t(a DEFAULT CURRENT_DATE);
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
