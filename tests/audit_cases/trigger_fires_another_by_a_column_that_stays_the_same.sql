-- spec
CREATE TABLE orders(a);CREATE TABLE items(x,y);CREATE TABLE stock(k);CREATE TRIGGER h AFTER UPDATE OF x ON items BEGIN INSERT INTO stock VALUES(new.x); END;CREATE TRIGGER g AFTER INSERT ON orders BEGIN UPDATE items SET y=1; END;
-- live
CREATE TABLE orders(a);CREATE TABLE items(x,y);CREATE TABLE stock(k);CREATE TRIGGER h AFTER UPDATE OF x ON items BEGIN INSERT INTO stock VALUES(new.x); END;CREATE TRIGGER g AFTER INSERT ON orders BEGIN UPDATE items SET y=1,x=x; END;
-- expect: error trigger-definition orders.g
-- reversed
-- expect: error trigger-definition orders.g
