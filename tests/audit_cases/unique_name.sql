-- spec
CREATE TABLE t(a, CONSTRAINT u UNIQUE(a));
-- live
CREATE TABLE t(a, UNIQUE(a));
-- expect: warning constraint-name t.a
-- reversed
-- expect: warning constraint-name t.a
