-- spec
CREATE TABLE p(id);CREATE TABLE t(a REFERENCES p);
-- live
CREATE TABLE p(id PRIMARY KEY);CREATE TABLE t(a REFERENCES p(id));
-- expect: error primary-key p
