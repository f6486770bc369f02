-- spec
CREATE VIRTUAL TABLE f USING fts5(x); CREATE VIRTUAL TABLE w USING fts5vocab(f, row);
-- live
CREATE VIRTUAL TABLE f USING fts5(x); CREATE VIRTUAL TABLE w USING fts5vocab('f', 'col');
-- expect: error virtual-table w
