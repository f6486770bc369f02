-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p MATCH FULL);
-- expect: warning foreign-key-action t.a
