-- spec
CREATE TABLE t(a NOT NULL);
-- live
CREATE TABLE t(a CONSTRAINT must NOT NULL);
-- expect: warning constraint-name t.a
