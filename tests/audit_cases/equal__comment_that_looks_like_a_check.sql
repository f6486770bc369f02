-- spec
CREATE TABLE t(a TEXT -- CHECK (a > 0)
, b /* UNIQUE, REFERENCES p */ INT);
-- live
CREATE TABLE t(a TEXT, b INT);
