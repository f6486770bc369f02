-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a,b,FOREIGN KEY(a,b) REFERENCES p(v,u));
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a,b,FOREIGN KEY(a,b) REFERENCES p(u,v));
-- expect: error missing-foreign-key t.a, b
