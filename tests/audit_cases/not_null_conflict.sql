-- spec
CREATE TABLE t(a NOT NULL ON CONFLICT IGNORE);
-- live
CREATE TABLE t(a NOT NULL);
-- expect: error conflict-clause t.a
-- reversed
-- expect: error conflict-clause t.a
