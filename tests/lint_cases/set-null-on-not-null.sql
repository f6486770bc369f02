-- case
CREATE TABLE t(a REFERENCES p ON DELETE SET NULL, b NOT NULL REFERENCES p ON DELETE CASCADE, c CHECK (c NOT NULL) REFERENCES p ON DELETE SET NULL);
-- case
SELECT 1;
-- down
CREATE TABLE t(a NOT NULL REFERENCES p ON DELETE SET NULL)
-- case
CREATE TABLE t(
  a TEXT REFERENCES p(x)
    ON DELETE SET NULL ON UPDATE CASCADE NOT NULL,
  b NOT NULL,
  FOREIGN KEY (c, "B") REFERENCES q(c, b) ON UPDATE CASCADE
    ON DELETE set null
);
-- expect: set-null-on-not-null in line 3
-- expect: set-null-on-not-null in line 6
-- case
ALTER TABLE t ADD a NOT NULL DEFAULT 1 REFERENCES p ON UPDATE SET NULL;
-- expect: set-null-on-not-null in line 1
-- case
CREATE TABLE t(a, PRIMARY KEY (a),
FOREIGN KEY(a) REFERENCES p ON DELETE SET NULL) WITHOUT ROWID;
-- expect: set-null-on-not-null in line 2
