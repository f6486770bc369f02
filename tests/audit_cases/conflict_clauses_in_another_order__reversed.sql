-- spec
CREATE TABLE t(a, b, UNIQUE (b) ON CONFLICT FAIL, UNIQUE (a) ON CONFLICT IGNORE);
-- live
CREATE TABLE t(a, b, UNIQUE (a) ON CONFLICT IGNORE, UNIQUE (b) ON CONFLICT FAIL);
-- expect: error conflict-clause t.b
-- note: the one that stands first
