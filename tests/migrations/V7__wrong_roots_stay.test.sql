-- Roots that are set but wrong are not recomputed by the migration: a root that somebody wrote is not overwritten
-- without being asked. `planctl backfill --recompute` repairs them, and says before how many there are. A row below
-- a wrong one is not led astray by it.

-- given
-- What two earlier versions of the backfill left: each row its own root, and the parent's id from the third level on.
INSERT INTO v3_plans (
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, processing_state, created_at,
    updated_at
)
SELECT column1, column2, column3, 'ops/' || column4, 'ops', column4, 'queued', '2025-07-01T10:00:00Z',
    '2025-07-01T10:00:00Z'
FROM (VALUES
    ('01KE0PD8TG6WFYBTV2Z1JRRW1F', NULL, '01KE0PD8TG6WFYBTV2Z1JRRW1F', 'top'),
    ('01KE0PF4Q9S40H4CR8HDCYHZVQ', '01KE0PD8TG6WFYBTV2Z1JRRW1F', '01KE0PF4Q9S40H4CR8HDCYHZVQ', 'own id'),
    ('01KE0PH0M2C7FM08H30WPW68FJ', '01KE0PF4Q9S40H4CR8HDCYHZVQ', '01KE0PF4Q9S40H4CR8HDCYHZVQ', 'its parent'),
    ('01KE0PJWGV28VD68BJQYCRM47K', '01KE0PH0M2C7FM08H30WPW68FJ', NULL, 'none')
);

-- then
-- expect: top | top
-- expect: own id | own id
-- expect: its parent | own id
-- expect: none | top
SELECT plan.description, root.description
FROM v3_plans AS plan JOIN v3_plans AS root ON root.plan_id = plan.root_plan_id
ORDER BY plan.plan_id;

-- after down
-- expect: top | top
-- expect: own id | own id
-- expect: its parent | own id
-- expect: none | top
SELECT plan.description, root.description
FROM v3_plans AS plan JOIN v3_plans AS root ON root.plan_id = plan.root_plan_id
ORDER BY plan.plan_id;
