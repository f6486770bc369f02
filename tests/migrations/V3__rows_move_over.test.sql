-- Every plan of lifecycle_plans moves to v3_plans, and back. '' stood for "none" in the old table; its profiles move as
-- they are, for V7 puts them right.

-- given
INSERT INTO lifecycle_plans (
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, definition_of_done, phase, state,
    automation_profile, error_message, created_by, created_at, updated_at
)
VALUES
    ('01KD66QZ20X4J867RYE6GS1QF4', NULL, '01KD66QZ20X4J867RYE6GS1QF4', 'ops/release-2', 'ops', 'release',
     'tag pushed', 'execute', 'processing',
     '{"profile_name":"trusted","provenance":"plan"}', NULL, 'maria', '2025-03-04T08:00:00Z', '2025-03-04T09:00:00Z'),
    ('01KD66STYSCM099DSAM5G4PDPV', '01KD66QZ20X4J867RYE6GS1QF4', NULL, 'ops/build', 'ops', 'build', NULL,
     'applied', 'complete',
     'supervised', NULL, 'maria', '2025-03-04T08:01:00Z', '2025-03-04T08:40:00Z'),
    ('01KD66VPVJWY97A50G9EG74D3H', '', '', 'ops/notes', 'ops', 'notes', NULL, 'strategize', 'errored',
     '', 'model not reachable', NULL, '2025-03-04T08:02:00Z', '2025-03-04T08:03:00Z');

-- then
-- expect: 01KD66QZ20X4J867RYE6GS1QF4 | NULL | 01KD66QZ20X4J867RYE6GS1QF4 | release | tag pushed | execute | processing | maria
-- expect: 01KD66STYSCM099DSAM5G4PDPV | 01KD66QZ20X4J867RYE6GS1QF4 | NULL | build | NULL | applied | complete | maria
-- expect: 01KD66VPVJWY97A50G9EG74D3H | NULL | NULL | notes | NULL | strategize | errored | NULL
SELECT plan_id, parent_plan_id, root_plan_id, description, definition_of_done, phase, processing_state, created_by
FROM v3_plans ORDER BY plan_id;
-- expect: '{"profile_name":"trusted","provenance":"plan"}' | NULL | 2025-03-04T08:00:00Z | 2025-03-04T09:00:00Z
-- expect: 'supervised' | NULL | 2025-03-04T08:01:00Z | 2025-03-04T08:40:00Z
-- expect: '' | model not reachable | 2025-03-04T08:02:00Z | 2025-03-04T08:03:00Z
SELECT quote(automation_profile), error_message, created_at, updated_at FROM v3_plans ORDER BY plan_id;
-- expect: 1 | 0 | 1 | NULL
SELECT DISTINCT attempt, read_only, reusable, action_name FROM v3_plans;
-- expect error: no such table
SELECT count(*) FROM lifecycle_plans;
-- expect: 0 rows
SELECT * FROM pragma_foreign_key_check;

-- after down
-- expect: 01KD66QZ20X4J867RYE6GS1QF4 | NULL | 01KD66QZ20X4J867RYE6GS1QF4 | execute | processing | '{"profile_name":"trusted","provenance":"plan"}'
-- expect: 01KD66STYSCM099DSAM5G4PDPV | 01KD66QZ20X4J867RYE6GS1QF4 | NULL | applied | complete | 'supervised'
-- expect: 01KD66VPVJWY97A50G9EG74D3H | NULL | NULL | strategize | errored | ''
SELECT plan_id, parent_plan_id, root_plan_id, phase, state, quote(automation_profile)
FROM lifecycle_plans ORDER BY plan_id;
-- expect: model not reachable | 2025-03-04T08:03:00Z
SELECT error_message, updated_at FROM lifecycle_plans WHERE plan_id = '01KD66VPVJWY97A50G9EG74D3H';
-- expect error: no such table
SELECT count(*) FROM v3_plans;
