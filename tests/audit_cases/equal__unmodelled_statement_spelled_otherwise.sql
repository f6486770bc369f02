-- spec
CREATE TABLE t(a REFERENCES p, b INT DEFERRABLE INITIALLY DEFERRED);CREATE TABLE p(id INTEGER PRIMARY KEY);
-- live
create table "T"([a] references P, B int deferrable initially deferred);CREATE TABLE p(id INTEGER PRIMARY KEY);
