-- spec
CREATE TABLE t(a NOT NULL ON CONFLICT REPLACE DEFAULT 1);
-- live
CREATE TABLE t(a NOT NULL ON CONFLICT FAIL DEFAULT 1);
-- expect: error conflict-clause t.a
-- reversed
-- expect: error conflict-clause t.a
