-- spec
CREATE VIRTUAL TABLE f USING fts4(a, content="t", tokenize=porter);CREATE TABLE t(a);
-- live
CREATE VIRTUAL TABLE f USING fts4(A, tokenize=porter, content='t');CREATE TABLE t(a);
