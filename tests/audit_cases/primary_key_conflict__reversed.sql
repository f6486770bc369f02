-- spec
CREATE TABLE t(a PRIMARY KEY);
-- live
CREATE TABLE t(a PRIMARY KEY ON CONFLICT REPLACE);
-- expect: error conflict-clause t
