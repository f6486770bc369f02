-- The table as it was: a plan begins in phase 'action', its root may be NULL and becomes NULL when the root goes.

-- given
INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
VALUES ('local/write-tests', 'local', 'write-tests', '2025-07-01T09:00:00Z', '2025-07-01T09:00:00Z');

-- then
-- expect: 0 rows
INSERT INTO v3_plans (
    plan_id, root_plan_id, namespaced_name, namespace, action_name, processing_state, created_at, updated_at
)
VALUES ('01KBG405T0XN97ZGZVATAHXD94', '01KBG405T0XN97ZGZVATAHXD94', 'local/a', 'local', 'local/write-tests', 'queued',
        '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z'),
       ('01KBG421PSDDWZKAWBDCGFD16M', '01KBG405T0XN97ZGZVATAHXD94', 'local/b', 'local', NULL, 'queued',
        '2025-07-01T10:00:01Z', '2025-07-01T10:00:01Z');
-- expect: action | queued | NULL
-- expect: action | queued | NULL
SELECT phase, processing_state, automation_profile FROM v3_plans ORDER BY plan_id;
-- expect error: CHECK
UPDATE v3_plans SET phase = 'planning';
-- expect error: CHECK
UPDATE v3_plans SET processing_state = 'stuck';
-- An action that is in use stays.
-- expect error: FOREIGN KEY
DELETE FROM actions;
-- expect: 0 rows
DELETE FROM v3_plans WHERE plan_id = '01KBG405T0XN97ZGZVATAHXD94';
-- expect: 01KBG421PSDDWZKAWBDCGFD16M | NULL
SELECT plan_id, root_plan_id FROM v3_plans;

-- after down
-- expect: 01KBG421PSDDWZKAWBDCGFD16M | action | queued
SELECT plan_id, phase, state FROM lifecycle_plans;
