-- given
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01K30KP2V8EJQ8FAHY4G2Y2R02', '01K30KP2V8EJQ8FAHY4G2Y2R02', 'local/a', 'local', 'errored',
        '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z');
INSERT INTO decisions (decision_id, plan_id, kind, question, created_at)
VALUES ('01K30KQYR1FJX060R9S1D0NKXG', '01K30KP2V8EJQ8FAHY4G2Y2R02', 'strategy', 'Rewrite or refactor?',
        '2025-07-01T10:03:00Z'),
       ('01K30KSTMTK1KX81K5A02EVZX9', '01K30KP2V8EJQ8FAHY4G2Y2R02', 'strategy', 'Rewrite or refactor, again?',
        '2025-07-01T10:04:00Z');

-- then
-- expect: 0 rows
INSERT INTO correction_attempts (correction_attempt_id, plan_id, original_decision_id, mode, guidance, created_at)
VALUES ('01K30KVPHKCNCMQHHMSBN9DAMB', '01K30KP2V8EJQ8FAHY4G2Y2R02', '01K30KQYR1FJX060R9S1D0NKXG', 'revert',
        'Refactor; the rewrite is too large.', '2025-07-01T10:05:00Z');
-- expect: pending | NULL | NULL
SELECT state, new_decision_id, completed_at FROM correction_attempts;
-- expect: 0 rows
UPDATE correction_attempts SET state = 'complete', new_decision_id = '01K30KSTMTK1KX81K5A02EVZX9', completed_at = '2025-07-01T10:09:00Z';
-- expect error: CHECK
UPDATE correction_attempts SET state = 'done';
-- expect error: CHECK
UPDATE correction_attempts SET mode = 'replace';
-- expect error: NOT NULL
UPDATE correction_attempts SET guidance = NULL;
-- expect error: FOREIGN KEY
UPDATE correction_attempts SET original_decision_id = '01K30KXJECREBDZX0B4T238GHA';
-- expect error: FOREIGN KEY
UPDATE correction_attempts SET new_decision_id = '01K30KXJECREBDZX0B4T238GHA';
-- expect error: FOREIGN KEY
DELETE FROM decisions WHERE decision_id = '01K30KSTMTK1KX81K5A02EVZX9';
-- expect: idx_corrections_plan
SELECT name FROM pragma_index_list('correction_attempts') WHERE name = 'idx_corrections_plan';

-- after down
-- expect error: no such table
SELECT count(*) FROM correction_attempts;
-- expect: 2
SELECT count(*) FROM decisions;
