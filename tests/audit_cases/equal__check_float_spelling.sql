-- spec
CREATE TABLE t(a CHECK(a<>1e1 AND a<>1.50));
-- live
CREATE TABLE t(a CHECK(a<>10.0 AND a<>1.5));
