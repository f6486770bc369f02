-- given
INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
VALUES ('local/write-tests', 'local', 'write-tests', '2025-07-01T09:00:00Z', '2025-07-01T09:00:00Z');

-- then
-- One range with two ends, one open above, one with none.
-- expect: 0 rows
INSERT INTO action_arguments (action_name, name, arg_type, default_value_json, min_value, max_value, position)
VALUES ('local/write-tests', 'coverage', 'float', '80.0', 0, 100, 0),
       ('local/write-tests', 'retries', 'integer', '3', 0, NULL, 1),
       ('local/write-tests', 'paths', 'list', '["src"]', NULL, NULL, 2);
-- expect: coverage | 0.0 | 100.0
-- expect: retries | 0.0 | NULL
-- expect: paths | NULL | NULL
SELECT name, min_value, max_value FROM action_arguments WHERE action_name = 'local/write-tests' ORDER BY position;
-- expect error: CHECK
INSERT INTO action_arguments (action_name, name, arg_type, min_value, max_value, position)
VALUES ('local/write-tests', 'backwards', 'integer', 10, 1, 3);
-- expect error: CHECK
INSERT INTO action_arguments (action_name, name, arg_type, position) VALUES ('local/write-tests', '', 'string', 3);
-- expect error: CHECK
INSERT INTO action_arguments (action_name, name, arg_type, position) VALUES ('local/write-tests', 'when', 'date', 3);
-- expect error: UNIQUE
INSERT INTO action_arguments (action_name, name, arg_type, position)
VALUES ('local/write-tests', 'coverage', 'integer', 3);
-- expect error: FOREIGN KEY
INSERT INTO action_arguments (action_name, name, arg_type, position) VALUES ('local/unknown', 'coverage', 'float', 0);
-- expect: 0 rows
DELETE FROM actions WHERE namespaced_name = 'local/write-tests';
-- expect: 0
SELECT count(*) FROM action_arguments;

-- after down
-- expect error: no such table
SELECT count(*) FROM action_arguments;
