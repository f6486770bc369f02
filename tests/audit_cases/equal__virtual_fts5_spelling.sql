-- spec
CREATE VIRTUAL TABLE f USING fts5(a, b UNINDEXED, tokenize='porter unicode61', prefix=2);
-- live
create virtual table if not exists "F" using FTS5( A , "b" unindexed, prefix = '2', tokenize = 'Porter  unicode61' );
