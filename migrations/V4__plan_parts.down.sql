-- Cannot restore: the rows.
DROP TABLE plan_invariants;
DROP TABLE plan_arguments;
DROP TABLE plan_projects;
