-- spec
CREATE TABLE t(a, b, UNIQUE (a) ON CONFLICT IGNORE, UNIQUE (b) ON CONFLICT FAIL);
-- live
CREATE TABLE t(a, b, UNIQUE (b) ON CONFLICT FAIL, UNIQUE (a) ON CONFLICT IGNORE);
-- expect: error conflict-clause t.a
-- note: the one that comes first
-- reversed
-- expect: error conflict-clause t.b
-- note: the one that comes first
