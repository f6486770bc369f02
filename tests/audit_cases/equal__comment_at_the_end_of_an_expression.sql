-- spec
CREATE TABLE t(a CHECK(a>0 -- positive
), b AS (a<>1 /* not one */), c DEFAULT (1 -- one
));
CREATE INDEX i ON t(a -- first
, (b -- second
) /* ( */) WHERE a<>2 -- not two
;
-- live
CREATE TABLE t(a CHECK((a)>0), b AS (a!=1), c DEFAULT 1);
CREATE INDEX i ON t(a, b) WHERE (a!=2);
