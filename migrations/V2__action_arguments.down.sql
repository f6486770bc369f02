-- Cannot restore: the rows.
DROP TABLE action_arguments;
