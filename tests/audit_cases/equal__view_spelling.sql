-- spec
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);CREATE VIEW v(x,y) AS SELECT t.a, b FROM t WHERE (a<>'x') AND b==1 AND a NOTNULL;
-- live
CREATE TABLE t(a TEXT,b INT);CREATE TABLE u(a TEXT,b INT);create view V ( [X] , "Y" ) as select T."A", B from T /* c */ where a != 'x' and (b = 1) and (a is not null) -- end
;
