-- case
ALTER TABLE t RENAME TO u;
-- case
ALTER TABLE "group" RENAME TO group__; ALTER TABLE group__ RENAME TO "Group";
-- case
PRAGMA legacy_alter_table = ON; ALTER TABLE t RENAME TO o; CREATE TABLE t(a); INSERT INTO t SELECT a FROM o; DROP TABLE o;
-- case
ALTER TABLE t RENAME TO t_old;
CREATE TABLE t(a);
INSERT INTO t SELECT a FROM t_old;
DROP TABLE t_old;
-- expect: rebuild-renames-old-away in line 1
-- case
CREATE TABLE n(a); INSERT INTO n SELECT a FROM t;
ALTER TABLE t RENAME TO o;
ALTER TABLE n RENAME TO t;
DROP TABLE o;
-- expect: rebuild-renames-old-away in line 2
