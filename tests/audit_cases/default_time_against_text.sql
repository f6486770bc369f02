-- spec
CREATE TABLE t(a DEFAULT CURRENT_TIMESTAMP);
-- live
CREATE TABLE t(a DEFAULT 'CURRENT_TIMESTAMP');
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
