-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a, FOREIGN KEY(a) REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a, FOREIGN KEY(a) REFERENCES p(id) DEFERRABLE INITIALLY IMMEDIATE);
-- expect: error foreign-key-action t.a
-- reversed
-- expect: error foreign-key-action t.a
