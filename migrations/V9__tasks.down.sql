-- Cannot restore: the rows.
DROP TABLE execution_logs;
DROP TABLE tasks;
