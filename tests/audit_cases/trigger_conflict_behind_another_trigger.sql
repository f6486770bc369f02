-- spec
CREATE TABLE orders(a);CREATE TABLE items(x);CREATE TABLE stock(k PRIMARY KEY);CREATE TRIGGER h AFTER INSERT ON items BEGIN INSERT INTO stock VALUES(new.x); END;CREATE TRIGGER g AFTER INSERT ON orders BEGIN INSERT INTO items VALUES(new.a); END;
-- live
CREATE TABLE orders(a);CREATE TABLE items(x);CREATE TABLE stock(k PRIMARY KEY);CREATE TRIGGER h AFTER INSERT ON items BEGIN INSERT INTO stock VALUES(new.x); END;CREATE TRIGGER g AFTER INSERT ON orders BEGIN INSERT OR REPLACE INTO items VALUES(new.a); END;
-- expect: error trigger-definition orders.g
-- reversed
-- expect: error trigger-definition orders.g
