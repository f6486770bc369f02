-- spec
CREATE TABLE p(a,b,PRIMARY KEY(a,b));CREATE TABLE t(x,y,FOREIGN KEY(x,y) REFERENCES p);
-- live
CREATE TABLE p(a,b,PRIMARY KEY(b,a));CREATE TABLE t(x,y,FOREIGN KEY(x,y) REFERENCES p);
-- expect: error primary-key p
-- reversed
-- expect: error primary-key p
