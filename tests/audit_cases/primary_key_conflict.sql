-- spec
CREATE TABLE t(a PRIMARY KEY ON CONFLICT REPLACE);
-- live
CREATE TABLE t(a PRIMARY KEY);
-- expect: error conflict-clause t
-- reversed
-- expect: error conflict-clause t
