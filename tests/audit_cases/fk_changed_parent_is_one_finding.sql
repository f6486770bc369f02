-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE q(id INTEGER PRIMARY KEY);CREATE TABLE t(a REFERENCES p);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE q(id INTEGER PRIMARY KEY);CREATE TABLE t(a REFERENCES q);
-- expect: error missing-foreign-key t.a
-- reversed
-- expect: error missing-foreign-key t.a
