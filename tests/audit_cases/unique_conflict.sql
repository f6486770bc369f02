-- spec
CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE);
-- live
CREATE TABLE t(a UNIQUE);
-- expect: error conflict-clause t.a
-- reversed
-- expect: error conflict-clause t.a
