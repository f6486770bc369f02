-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY);CREATE TABLE t(a,b TEXT NOT NULL UNIQUE CHECK(b<>'') REFERENCES p);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY);CREATE TABLE t(a);
-- expect: error missing-column t.b
-- reversed
-- expect: error extra-column t.b
