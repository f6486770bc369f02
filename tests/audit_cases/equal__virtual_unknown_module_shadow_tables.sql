-- spec
CREATE VIRTUAL TABLE f USING vec0(e float[768]);
-- live
CREATE VIRTUAL TABLE f USING vec0(e float[768]);CREATE TABLE f_chunks(x);CREATE TABLE f_rowids(x);CREATE TABLE "f_vector_chunks00"(x);
