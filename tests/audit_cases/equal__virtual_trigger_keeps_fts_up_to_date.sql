-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIRTUAL TABLE f USING fts5(a,content='t',content_rowid='id');CREATE TRIGGER r AFTER DELETE ON t BEGIN INSERT INTO f(f,rowid,a) VALUES('delete',old.id,(old.a)); END;
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY,a);CREATE VIRTUAL TABLE f USING fts5(a,content=t,content_rowid=ID);CREATE TRIGGER r AFTER DELETE ON t BEGIN INSERT INTO f(f,rowid,a) VALUES('delete',old.id,old.a); END;
