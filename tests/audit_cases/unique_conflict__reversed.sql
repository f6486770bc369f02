-- spec
CREATE TABLE t(a UNIQUE);
-- live
CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE);
-- expect: error conflict-clause t.a
