-- spec
CREATE TABLE t(a REFERENCES p, b INT DEFERRABLE INITIALLY DEFERRED);CREATE TABLE p(id INTEGER PRIMARY KEY);
-- live
CREATE TABLE t(a REFERENCES p, b INT DEFERRABLE INITIALLY IMMEDIATE);CREATE TABLE p(id INTEGER PRIMARY KEY);
-- expect: error unmodelled-difference t
-- reversed
-- expect: error unmodelled-difference t
