-- spec
CREATE TABLE a(x);CREATE TABLE b(y);
-- live
CREATE TABLE b(y);CREATE TABLE a(x);
