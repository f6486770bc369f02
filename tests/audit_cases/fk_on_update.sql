-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p ON UPDATE CASCADE);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p);
-- expect: error foreign-key-action t.a
-- reversed
-- expect: error foreign-key-action t.a
