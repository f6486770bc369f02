-- spec
CREATE TABLE v3_plans(id INTEGER PRIMARY KEY, state TEXT);
-- live
CREATE TABLE plans(id INTEGER PRIMARY KEY, state TEXT);
-- expect: error missing-table v3_plans
-- expect: error extra-table plans
