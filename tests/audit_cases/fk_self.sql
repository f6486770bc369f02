-- spec
CREATE TABLE t(id INTEGER PRIMARY KEY, parent REFERENCES t ON DELETE CASCADE);
-- live
CREATE TABLE t(id INTEGER PRIMARY KEY, parent REFERENCES t(id));
-- expect: error foreign-key-action t.parent
-- reversed
-- expect: error foreign-key-action t.parent
