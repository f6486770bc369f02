-- spec
CREATE TABLE plans(id INTEGER PRIMARY KEY, state TEXT);
-- live
CREATE TABLE v3_plans(id INTEGER PRIMARY KEY, state TEXT);
-- expect: error missing-table plans
-- expect: error extra-table v3_plans
-- note: looks renamed to v3_plans
-- note: looks renamed from plans
-- reversed
-- expect: error missing-table v3_plans
-- expect: error extra-table plans
