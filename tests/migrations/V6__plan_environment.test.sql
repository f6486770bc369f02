-- given
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, tags_json, created_at, updated_at)
VALUES ('01K2MZGCG0N3TP536NVVYNDMYA', '01K2MZGCG0N3TP536NVVYNDMYA', 'local/a', 'local', 'queued', '["x"]',
        '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z');

-- then
-- expect: 01K2MZGCG0N3TP536NVVYNDMYA | ["x"] | NULL | NULL | {} | NULL
SELECT plan_id, tags_json, changeset_id, sandbox_refs_json, validation_summary_json, decision_root_id FROM v3_plans;
-- expect: 0 rows
UPDATE v3_plans SET changeset_id = '8f2c41d', sandbox_refs_json = '["sandbox/1"]',
    validation_summary_json = '{"passed":12,"failed":0}', decision_root_id = '01K2MZJ8CS5V00C4D9RZ7XQYHH';
-- expect: 8f2c41d | ["sandbox/1"] | {"passed":12,"failed":0} | 01K2MZJ8CS5V00C4D9RZ7XQYHH
SELECT changeset_id, sandbox_refs_json, validation_summary_json, decision_root_id FROM v3_plans;

-- after down
-- expect: 01K2MZGCG0N3TP536NVVYNDMYA | 01K2MZGCG0N3TP536NVVYNDMYA | queued | ["x"]
SELECT plan_id, root_plan_id, processing_state, tags_json FROM v3_plans;
-- expect error: no such column
SELECT v3_plans.changeset_id FROM v3_plans;
-- expect: 0 rows
SELECT name FROM pragma_table_info('v3_plans')
WHERE name IN ('changeset_id', 'sandbox_refs_json', 'validation_summary_json', 'decision_root_id');
