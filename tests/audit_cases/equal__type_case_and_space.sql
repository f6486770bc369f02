-- spec
CREATE TABLE t(a VARCHAR( 10 ), b double   precision, c UNSIGNED BIG INT, d DECIMAL(+10,
2), e text);
-- live
CREATE TABLE t(a varchar(10), b DOUBLE PRECISION, c Unsigned Big Int, d decimal(10, 2), e "TEXT");
