-- spec
CREATE TABLE t(a VARCHAR /* length */ ( 10 /* ten */ ));
-- live
CREATE TABLE t(a VARCHAR(10));
