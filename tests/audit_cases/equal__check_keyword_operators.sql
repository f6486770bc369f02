-- spec
CREATE TABLE t(a CHECK(a NOT NULL AND a NOT LIKE 'x%' AND a BETWEEN 1 AND 2));
-- live
CREATE TABLE t(a CHECK(a is not null and not (a like 'x%') and (a between (1) and (2))));
