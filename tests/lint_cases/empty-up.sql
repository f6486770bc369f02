-- case
CREATE TABLE t(a);
-- down
DROP TABLE t;
-- case
-- planctl:allow empty-up its rows are moved by the application
-- down
-- nothing to do
-- case
-- the template
-- down
-- nothing to do
-- expect: empty-up in line 1
