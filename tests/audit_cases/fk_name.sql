-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a,CONSTRAINT f FOREIGN KEY(a) REFERENCES p);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a,FOREIGN KEY(a) REFERENCES p);
-- expect: warning constraint-name t.a
-- reversed
-- expect: warning constraint-name t.a
