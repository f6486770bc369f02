-- spec

-- live
CREATE TABLE p(id INTEGER PRIMARY KEY, b);CREATE INDEX i ON p(b);CREATE TRIGGER r AFTER INSERT ON p BEGIN SELECT 1; END;
-- expect: error extra-table p
