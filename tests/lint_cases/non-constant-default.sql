-- case
ALTER TABLE t ADD a DEFAULT 'x'; ALTER TABLE t ADD b DEFAULT (-1); ALTER TABLE t ADD c DEFAULT -1;
-- case
CREATE TABLE t(a DEFAULT CURRENT_TIMESTAMP); ALTER TABLE t ADD b DEFAULT (1 + 1);
-- case
ALTER TABLE t ADD a DEFAULT current_timestamp;
ALTER TABLE t ADD b
DEFAULT (strftime('%s'));
ALTER TABLE t ADD c DEFAULT (1+1);
-- expect: non-constant-default in line 1
-- expect: non-constant-default in line 3
-- expect: non-constant-default in line 4
