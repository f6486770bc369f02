-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p);
-- expect: error extra-foreign-key t.a
