-- spec
CREATE TABLE t(a REFERENCES nowhere(x));
-- live
CREATE TABLE t(a, FOREIGN KEY(a) REFERENCES Nowhere([x]));
