-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY ON CONFLICT IGNORE);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY);
-- expect: error conflict-clause t
-- reversed
-- expect: error conflict-clause t
