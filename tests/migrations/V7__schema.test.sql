-- Nullability, defaults, column order, indexes and foreign keys, after the repair and after its down.

-- given
-- The table's shape is what counts here; an empty one has it too.

-- then
-- expect: root_plan_id | 1 | NULL
-- expect: phase | 1 | 'action'
-- expect: processing_state | 1 | NULL
-- expect: automation_profile | 1 | 'balanced'
-- expect: effective_profile_snapshot | 1 | '{}'
-- expect: validation_summary_json | 0 | NULL
SELECT name, "notnull", dflt_value FROM pragma_table_info('v3_plans')
WHERE name IN ('root_plan_id', 'phase', 'processing_state', 'automation_profile', 'effective_profile_snapshot',
    'validation_summary_json')
ORDER BY cid;
-- The spec's order: the environment before the errors, the times of the phases behind the state.
-- expect: 10 | strategize_started_at
-- expect: 31 | changeset_id
-- expect: 36 | error_details_json
SELECT cid, name FROM pragma_table_info('v3_plans')
WHERE name IN ('strategize_started_at', 'changeset_id', 'error_details_json') ORDER BY cid;
-- expect: action_name | actions | NO ACTION
-- expect: parent_plan_id | v3_plans | NO ACTION
-- expect: root_plan_id | v3_plans | NO ACTION
SELECT "from", "table", on_delete FROM pragma_foreign_key_list('v3_plans') ORDER BY "from";
-- expect: idx_plans_action | action_name
-- expect: idx_plans_namespace | namespace
-- expect: idx_plans_parent | parent_plan_id
-- expect: idx_plans_phase | phase
-- expect: idx_plans_root | root_plan_id
-- expect: idx_plans_state | processing_state
SELECT i.name, c.name FROM pragma_index_list('v3_plans') AS i JOIN pragma_index_info(i.name) AS c
WHERE i.origin = 'c' ORDER BY i.name;

-- after down
-- expect: root_plan_id | 0 | NULL
-- expect: phase | 1 | 'action'
-- expect: processing_state | 1 | NULL
-- expect: automation_profile | 0 | NULL
-- expect: validation_summary_json | 0 | '{}'
SELECT name, "notnull", dflt_value FROM pragma_table_info('v3_plans')
WHERE name IN ('root_plan_id', 'phase', 'processing_state', 'automation_profile', 'effective_profile_snapshot',
    'validation_summary_json')
ORDER BY cid;
-- expect: 23 | strategize_started_at
-- expect: 31 | error_details_json
-- expect: 32 | changeset_id
-- expect: 35 | decision_root_id
SELECT cid, name FROM pragma_table_info('v3_plans')
WHERE name IN ('strategize_started_at', 'changeset_id', 'error_details_json', 'decision_root_id') ORDER BY cid;
-- The policy is back that the down of one review round forgot.
-- expect: action_name | actions | NO ACTION
-- expect: parent_plan_id | v3_plans | NO ACTION
-- expect: root_plan_id | v3_plans | SET NULL
SELECT "from", "table", on_delete FROM pragma_foreign_key_list('v3_plans') ORDER BY "from";
-- expect: 6 rows
SELECT name FROM pragma_index_list('v3_plans') WHERE origin = 'c';
