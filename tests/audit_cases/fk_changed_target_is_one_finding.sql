-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p(id));
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p(u));
-- expect: error missing-foreign-key t.a
-- reversed
-- expect: error missing-foreign-key t.a
