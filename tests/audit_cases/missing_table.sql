-- spec
CREATE TABLE p(id INTEGER PRIMARY KEY, b);CREATE INDEX i ON p(b);
-- live

-- expect: error missing-table p
