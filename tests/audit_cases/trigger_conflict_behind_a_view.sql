-- spec
CREATE TABLE orders(a);CREATE TABLE stock(k PRIMARY KEY);CREATE VIEW items AS SELECT k AS x FROM stock;CREATE TRIGGER h INSTEAD OF INSERT ON items BEGIN INSERT INTO stock VALUES(new.x); END;CREATE TRIGGER g AFTER INSERT ON orders BEGIN INSERT INTO items VALUES(new.a); END;
-- live
CREATE TABLE orders(a);CREATE TABLE stock(k PRIMARY KEY);CREATE VIEW items AS SELECT k AS x FROM stock;CREATE TRIGGER h INSTEAD OF INSERT ON items BEGIN INSERT INTO stock VALUES(new.x); END;CREATE TRIGGER g AFTER INSERT ON orders BEGIN INSERT OR IGNORE INTO items VALUES(new.a); END;
-- expect: error trigger-definition orders.g
-- reversed
-- expect: error trigger-definition orders.g
