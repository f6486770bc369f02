-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p ON DELETE SET DEFAULT);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, u UNIQUE, v, UNIQUE(u,v));CREATE TABLE t(a REFERENCES p ON DELETE SET NULL);
-- expect: error foreign-key-action t.a
-- reversed
-- expect: error foreign-key-action t.a
