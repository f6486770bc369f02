-- spec
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);CREATE UNIQUE INDEX i ON t(a, lower(b)) WHERE a<>'x' AND b NOTNULL;
-- live
CREATE TABLE t(a TEXT,b,c TEXT COLLATE NOCASE);create unique index I on T([A] asc, LOWER ( "b" )) where ((A != 'x') and (b is not null));
