-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY);CREATE TABLE t(a TEXT NOT NULL DEFAULT 'x', b INT CHECK(b>0), c REFERENCES p ON DELETE CASCADE, d UNIQUE);CREATE INDEX i ON t(a);
-- live
CREATE TABLE p(id INTEGER PRIMARY KEY);CREATE TABLE t(a TEXT, b TEXT, c REFERENCES p, e);CREATE INDEX i ON t(b);
-- expect: error column-nullability t.a
-- expect: error column-default t.a
-- expect: error column-type t.b
-- expect: error missing-check t.b
-- expect: error foreign-key-action t.c
-- expect: error missing-column t.d
-- expect: error extra-column t.e
-- expect: error index-definition t.i
