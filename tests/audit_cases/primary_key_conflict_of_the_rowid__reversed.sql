-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY ON CONFLICT IGNORE);
-- expect: error conflict-clause t
