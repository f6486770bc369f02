-- case target d1
PRAGMA user_version = 3;
CREATE TEMP TABLE x(a);
PRAGMA defer_foreign_keys = ON;
CREATE VIRTUAL TABLE r USING rtree(id, a, b);
CREATE VIRTUAL TABLE f USING fts5(a);
-- expect: refused-by-target in line 1
-- expect: refused-by-target in line 2
-- expect: refused-by-target in line 4

-- case target libsql
CREATE TEMP TABLE x(a);
ANALYZE;
-- expect: refused-by-target in line 1
-- expect: refused-by-target in line 2

-- case target rqlite
CREATE TEMP TABLE x(a);
ANALYZE;
PRAGMA legacy_alter_table = ON;
-- expect: refused-by-target in line 3

-- case
PRAGMA user_version = 3;
CREATE TEMP TABLE x(a);
