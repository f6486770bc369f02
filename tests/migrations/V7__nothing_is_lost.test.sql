-- The table is copied and dropped. With foreign keys enforced, the DROP would delete every row below that refers to a
-- plan with ON DELETE CASCADE, without a word.

-- given
INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
VALUES ('local/write-tests', 'local', 'write-tests', '2025-07-01T09:00:00Z', '2025-07-01T09:00:00Z');
INSERT INTO v3_plans (plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01K6677MS86K5NTA2KSZ2NNCE0', 'local/gone', 'local', 'cancelled',
        '2025-07-01T09:59:00Z', '2025-07-01T09:59:00Z');
-- One plan with a value of its own in each column.
INSERT INTO v3_plans (
    plan_id, parent_plan_id, root_plan_id, attempt, namespaced_name, namespace, description, definition_of_done,
    action_name, phase, processing_state, automation_profile, strategy_actor, execution_actor, estimation_actor,
    invariant_actor, review_actor, apply_actor, read_only, reusable, inputs_schema_json, tags_json, created_by,
    strategize_started_at, execute_started_at, apply_started_at, created_at, updated_at, completed_at, applied_at,
    error_message, error_details_json, changeset_id, sandbox_refs_json, validation_summary_json, decision_root_id
)
VALUES (
    '01K6679GP19N9S5WRDJT4E7MTT', NULL, '01K6679GP19N9S5WRDJT4E7MTT', 7, 'local/a', 'local', 'a description', 'all tests pass',
    'local/write-tests', 'apply', 'errored', '{"profile_name":"trusted","provenance":"plan"}', 'strategist', 'executor',
    'estimator', 'guardian', 'reviewer', 'applier', 1, 0, '{"type":"object"}', '["x","y"]', 'maria',
    '2025-07-01T10:01:00Z', '2025-07-01T10:02:00Z', '2025-07-01T10:03:00Z', '2025-07-01T10:00:00Z',
    '2025-07-01T10:06:00Z', '2025-07-01T10:05:00Z', '2025-07-01T10:04:00Z',
    'merge conflict', '{"file":"a.txt"}', '8f2c41d', '["sandbox/1"]', '{"passed":12}', '01K667BCJTRCR7G9HHDVGDM5F4'
);
INSERT INTO v3_plans (plan_id, parent_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01K667D8FKA56FX48N5MFK9P58', '01K6679GP19N9S5WRDJT4E7MTT', 'local/b', 'local', 'queued',
        '2025-07-01T10:00:01Z', '2025-07-01T10:00:01Z');
DELETE FROM v3_plans WHERE plan_id = '01K6677MS86K5NTA2KSZ2NNCE0';
INSERT INTO plan_projects (plan_id, project_name, created_at)
VALUES ('01K6679GP19N9S5WRDJT4E7MTT', 'web', '2025-07-01T10:01:00Z'), ('01K667D8FKA56FX48N5MFK9P58', 'web',
        '2025-07-01T10:01:00Z');
INSERT INTO plan_arguments (plan_id, name, value_json, value_type, position)
VALUES ('01K6679GP19N9S5WRDJT4E7MTT', 'coverage', '80', 'integer', 0);
INSERT INTO plan_invariants (plan_id, invariant_text, source_scope, created_at)
VALUES ('01K667D8FKA56FX48N5MFK9P58', 'no secrets in logs', 'global', '2025-07-01T10:01:00Z');
INSERT INTO decisions (decision_id, plan_id, parent_decision_id, kind, question, created_at)
VALUES ('01K667BCJTRCR7G9HHDVGDM5F4', '01K6679GP19N9S5WRDJT4E7MTT', NULL, 'strategy', 'Rewrite or refactor?',
        '2025-07-01T10:03:00Z'),
       ('01K667F4CCWCWHFPS0D3HGZMMN', '01K6679GP19N9S5WRDJT4E7MTT', '01K667BCJTRCR7G9HHDVGDM5F4', 'scope',
        'Which module first?', '2025-07-01T10:04:00Z');

-- then
-- expect: 2 | 01K6679GP19N9S5WRDJT4E7MTT
-- expect: 3 | 01K667D8FKA56FX48N5MFK9P58
SELECT rowid, plan_id FROM v3_plans ORDER BY plan_id;
-- expect: NULL | 01K6679GP19N9S5WRDJT4E7MTT | 7 | local/a | local | a description | all tests pass | local/write-tests | apply | errored
SELECT parent_plan_id, root_plan_id, attempt, namespaced_name, namespace, description, definition_of_done, action_name,
    phase, processing_state
FROM v3_plans WHERE plan_id = '01K6679GP19N9S5WRDJT4E7MTT';
-- expect: strategist | executor | estimator | guardian | reviewer | applier | 1 | 0 | {"type":"object"} | ["x","y"] | maria
SELECT strategy_actor, execution_actor, estimation_actor, invariant_actor, review_actor, apply_actor, read_only,
    reusable, inputs_schema_json, tags_json, created_by
FROM v3_plans WHERE plan_id = '01K6679GP19N9S5WRDJT4E7MTT';
-- expect: 10:01 | 10:02 | 10:03 | 10:00 | 10:06 | 10:05 | 10:04
SELECT substr(strategize_started_at, 12, 5), substr(execute_started_at, 12, 5), substr(apply_started_at, 12, 5),
    substr(created_at, 12, 5), substr(updated_at, 12, 5), substr(completed_at, 12, 5), substr(applied_at, 12, 5)
FROM v3_plans WHERE plan_id = '01K6679GP19N9S5WRDJT4E7MTT';
-- expect: merge conflict | {"file":"a.txt"} | 8f2c41d | ["sandbox/1"] | {"passed":12} | 01K667BCJTRCR7G9HHDVGDM5F4
SELECT error_message, error_details_json, changeset_id, sandbox_refs_json, validation_summary_json, decision_root_id
FROM v3_plans WHERE plan_id = '01K6679GP19N9S5WRDJT4E7MTT';
-- expect: 2 | 1 | 1 | 2
SELECT (SELECT count(*) FROM plan_projects), (SELECT count(*) FROM plan_arguments),
    (SELECT count(*) FROM plan_invariants), (SELECT count(*) FROM decisions);
-- The tables that refer to plans refer to the new one, and still with their own policy.
-- expect: decisions | v3_plans | NO ACTION
-- expect: plan_arguments | v3_plans | CASCADE
-- expect: plan_invariants | v3_plans | CASCADE
-- expect: plan_projects | v3_plans | CASCADE
SELECT t.name, fk."table", fk.on_delete
FROM sqlite_schema AS t JOIN pragma_foreign_key_list(t.name) AS fk
WHERE t.name IN ('plan_projects', 'plan_arguments', 'plan_invariants', 'decisions') AND fk."from" = 'plan_id'
ORDER BY t.name;
-- expect: 0 rows
SELECT * FROM pragma_foreign_key_check;
-- expect: 0 rows
SELECT name FROM sqlite_schema WHERE name LIKE 'v3\_plans\_%' ESCAPE '\';

-- after down
-- expect: 2 | 01K6679GP19N9S5WRDJT4E7MTT | 7 | apply | trusted | applier | ["x","y"] | 2025-07-01T10:04:00Z | {"file":"a.txt"} | 01K667BCJTRCR7G9HHDVGDM5F4
-- expect: 3 | 01K667D8FKA56FX48N5MFK9P58 | 1 | action | NULL | NULL | NULL | NULL | NULL | NULL
SELECT rowid, plan_id, attempt, phase,
    CASE WHEN json_valid(automation_profile) THEN json_extract(automation_profile, '$.profile_name') END,
    apply_actor, tags_json, applied_at, error_details_json, decision_root_id
FROM v3_plans ORDER BY plan_id;
-- expect: 2 | 1 | 1 | 2
SELECT (SELECT count(*) FROM plan_projects), (SELECT count(*) FROM plan_arguments),
    (SELECT count(*) FROM plan_invariants), (SELECT count(*) FROM decisions);
-- expect: 0 rows
SELECT * FROM pragma_foreign_key_check;
