-- spec
CREATE TABLE t(a DEFAULT CURRENT_DATE);
-- live
CREATE TABLE t(a DEFAULT CURRENT_TIMESTAMP);
-- expect: error column-default t.a
