-- spec
CREATE TABLE t(a,CONSTRAINT pk PRIMARY KEY(a));
-- live
CREATE TABLE t(a,PRIMARY KEY(a));
-- expect: warning constraint-name t
-- reversed
-- expect: warning constraint-name t
