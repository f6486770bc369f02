-- spec
CREATE TABLE t(a,b,CHECK(a<>'x' AND b IS NOT NULL OR a==1 AND NOT b IN (1,2)));
-- live
create table t(a,b,check(((A!='x') and ("b" notnull)) or ([a]=1 and (`b` not in(1,2)))));
