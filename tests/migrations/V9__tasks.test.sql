-- CHECKs keep tasks as honest as PostgreSQL's types did.

-- given
-- Two new tables; nothing that is older takes part.

-- then
-- expect: 0 rows
INSERT INTO tasks (task_id, request_text, external_ai_used)
VALUES ('7f8ac3bc-a13c-4779-9768-aa210b4f2357', 'Set up the build', '{"model":"sonnet","tokens":1200,"cost":0.018}');
-- The defaults, and that the time is one: now, in UTC.
-- expect: pending | 1 | 1 | NULL
SELECT status, abs(julianday('now') - julianday(created_at)) < 1, created_at GLOB '????-??-??T??:??:??.???Z', approved_at
FROM tasks;

-- An id is a UUID, in its canonical spelling.
-- expect error: NOT NULL
INSERT INTO tasks (task_id, request_text) VALUES (NULL, 'x');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text) VALUES ('task-1', 'x');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text) VALUES (upper('7f8ac3bc-a13c-4779-9768-aa210b4f2357'), 'x');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text) VALUES (replace('7f8ac3bc-a13c-4779-9768-aa210b4f2357', '-', ''), 'x');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text) VALUES ('7f8ac3bc-a13c-4779-9768-aa210b4f2357' || '0', 'x');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text) VALUES ('0f8fad5b-d9cb-469f-a165-70867728950g', 'x');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text) VALUES ('0f8fad5b-d9cb-469f-a165-7086-728950e', 'x');

-- expect error: NOT NULL
INSERT INTO tasks (task_id, request_text) VALUES ('8b83555d-e16a-4e63-b042-94e3bed2346e', NULL);
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text, status) VALUES ('8b83555d-e16a-4e63-b042-94e3bed2346e', 'x', 'done');

-- JSON is JSON.
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text, estimated_resources)
VALUES ('8b83555d-e16a-4e63-b042-94e3bed2346e', 'x', 'two hours');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text, actual_resources) VALUES ('8b83555d-e16a-4e63-b042-94e3bed2346e', 'x', '');
-- expect error: CHECK
INSERT INTO tasks (task_id, request_text, external_ai_used)
VALUES ('8b83555d-e16a-4e63-b042-94e3bed2346e', 'x', '{model: sonnet}');

-- A time is ISO-8601 in UTC, and exists.
-- expect: 0 rows
INSERT INTO tasks (task_id, request_text, created_at, approved_at, completed_at)
VALUES ('b0da52f8-253a-4105-8f4d-be1006a9dacb', 'x', '2024-02-29T23:59:59Z',
        '2024-03-01T00:00:00.5Z', '2024-03-01T12:00:00.999999Z');
-- expect error: CHECK
UPDATE tasks SET created_at = '2025-07-01 10:00:00' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET created_at = '2025-07-01T10:00:00' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET created_at = '2025-07-01T10:00:00+02:00' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET created_at = '2025-02-30T10:00:00Z' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET approved_at = '2025-07-01T25:00:00Z' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET approved_at = '2025-07-01T10:00:00.Z' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET completed_at = '2025-07-01T10:00:00.12xZ' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET completed_at = '1751364000' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect error: CHECK
UPDATE tasks SET completed_at = '' WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';
-- expect: 0 rows
UPDATE tasks SET completed_at = NULL WHERE task_id = 'b0da52f8-253a-4105-8f4d-be1006a9dacb';

-- after down
-- expect: 0 rows
SELECT name FROM sqlite_schema WHERE tbl_name IN ('tasks', 'execution_logs');
