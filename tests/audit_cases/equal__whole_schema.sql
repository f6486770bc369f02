-- spec
CREATE TABLE "T"([A] text check(a<>'x' AND a is not null), b INT DEFAULT TRUE REFERENCES p, UNIQUE(a));CREATE TABLE p(id INTEGER PRIMARY KEY);
-- live
create table p(id integer primary key not null); create table t ( a TEXT unique, b int default 1 references "p"(`id`) on delete no action, CHECK ((A!='x') and (a NOTNULL)));
