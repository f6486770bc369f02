-- spec
CREATE TABLE t(a DEFAULT (1+a1()));
-- live
CREATE TABLE t(a DEFAULT (2+a1()));
-- expect: error column-default t.a
-- reversed
-- expect: error column-default t.a
