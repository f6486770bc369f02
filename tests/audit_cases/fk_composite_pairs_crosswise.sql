-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a,b,FOREIGN KEY(a,b) REFERENCES p(u,v));
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a,b,FOREIGN KEY(a,b) REFERENCES p(v,u));
-- expect: error missing-foreign-key t.a, b
-- reversed
-- expect: error missing-foreign-key t.a, b
