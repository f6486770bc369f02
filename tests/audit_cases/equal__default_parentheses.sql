-- spec
CREATE TABLE t(a DEFAULT ('x'), b DEFAULT ((5)));
-- live
CREATE TABLE t(a DEFAULT 'x', b DEFAULT (5));
