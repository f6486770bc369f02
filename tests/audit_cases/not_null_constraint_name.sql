-- spec
CREATE TABLE t(a CONSTRAINT must NOT NULL);
-- live
CREATE TABLE t(a NOT NULL);
-- expect: warning constraint-name t.a
-- reversed
-- expect: warning constraint-name t.a
