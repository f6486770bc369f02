-- Cannot restore: the rows.
DROP TABLE correction_attempts;
