-- spec
CREATE TABLE t(a NOT NULL);
-- live
CREATE TABLE t(a NOT NULL ON CONFLICT IGNORE);
-- expect: error conflict-clause t.a
