-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, b);CREATE INDEX i ON p(b);CREATE TRIGGER r AFTER INSERT ON p BEGIN SELECT 1; END;
-- live

-- expect: error missing-table p
-- reversed
-- expect: error extra-table p
