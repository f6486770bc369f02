-- given
-- Two new tables; nothing that is older takes part.

-- then
-- expect: 0 rows
INSERT INTO tasks (task_id, request_text, created_at)
VALUES ('b21ff5b3-a9aa-482f-8113-0b23bf20f8ba', 'Set up the build', '2025-07-01T10:00:00Z'),
       ('9041a1cc-3b6b-4971-84b9-38aa494cbc4f', 'Write the guide', '2025-07-01T10:00:01Z');
-- expect: 0 rows
INSERT INTO execution_logs (log_id, task_id, step_number, agent_type, action, status, output_full, duration_ms)
VALUES ('3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf', 'b21ff5b3-a9aa-482f-8113-0b23bf20f8ba', 1, 'orchestrator', 'plan', 'completed',
        '{"steps":2}', 840),
       ('964dfbbf-fca9-4af5-aad8-cfec2ce739fc', 'b21ff5b3-a9aa-482f-8113-0b23bf20f8ba', 2, 'infra', 'install', 'running', NULL,
        NULL),
       ('238439cc-ce77-4a70-b617-5d5a10830ba7', '9041a1cc-3b6b-4971-84b9-38aa494cbc4f', 1, 'research', 'read', 'failed',
        '{"error":"timeout"}', 30000);
-- expect: 3
SELECT count(*) FROM execution_logs WHERE abs(julianday('now') - julianday(timestamp)) < 1;

-- 500 characters, not bytes.
-- expect: 0 rows
UPDATE execution_logs SET output_summary = replace(hex(zeroblob(250)), '0', 'é')
WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect: 500
SELECT length(output_summary) FROM execution_logs WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: CHECK
UPDATE execution_logs SET output_summary = output_summary || '!' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';

-- expect error: CHECK
UPDATE execution_logs SET output_full = 'done' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: CHECK
UPDATE execution_logs SET agent_type = 'human' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: CHECK
UPDATE execution_logs SET status = 'pending' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: CHECK
UPDATE execution_logs SET timestamp = 'yesterday' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: CHECK
UPDATE execution_logs SET step_number = 'first' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: NOT NULL
UPDATE execution_logs SET step_number = NULL WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: CHECK
UPDATE execution_logs SET duration_ms = 'long' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: NOT NULL
UPDATE execution_logs SET action = NULL WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: CHECK
UPDATE execution_logs SET log_id = 'log-1' WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';
-- expect error: FOREIGN KEY
UPDATE execution_logs SET task_id = '3e869188-aead-4b07-b356-8e040778cd03'
WHERE log_id = '3f65dbc1-ce1c-4f97-a30f-371c3c49c7cf';

-- The log goes with its task.
-- expect: 0 rows
DELETE FROM tasks WHERE task_id = 'b21ff5b3-a9aa-482f-8113-0b23bf20f8ba';
-- expect: 238439cc-ce77-4a70-b617-5d5a10830ba7
SELECT log_id FROM execution_logs;

-- after down
-- expect error: no such table
SELECT count(*) FROM execution_logs;
