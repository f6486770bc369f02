-- spec
CREATE TABLE p(id PRIMARY KEY);CREATE TABLE t(a REFERENCES p(id));
-- live
CREATE TABLE p(id);CREATE TABLE t(a REFERENCES p);
-- expect: error primary-key p
-- reversed
-- expect: error primary-key p
