-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY, parent REFERENCES t(id));
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY, parent REFERENCES t ON DELETE CASCADE);
-- expect: error foreign-key-action t.parent
