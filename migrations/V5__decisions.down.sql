-- Cannot restore: the rows.
DROP TABLE decisions;
