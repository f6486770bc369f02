-- '' in root_plan_id and parent_plan_id means what NULL means. Only a writer that did not enforce foreign keys can have
-- left it there, so the rows are given in the same way.

-- given
PRAGMA foreign_keys = OFF;
INSERT INTO v3_plans (
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, processing_state, created_at,
    updated_at
)
SELECT column1, column2, column3, 'ops/' || column4, 'ops', column4, 'queued', '2025-07-01T10:00:00Z',
    '2025-07-01T10:00:00Z'
FROM (VALUES
    ('01K59XZX0GEC79C45YQ9A29FRA', '', '', 'top'),
    ('01K59Y1RX9PZGAF281MY5DFFAE', '01K59XZX0GEC79C45YQ9A29FRA', '', 'middle'),
    ('01K59Y3MT2V94SPB2TZ53PESXP', '01K59Y1RX9PZGAF281MY5DFFAE', '', 'low'),
    ('01K59Y5GPVNB6SMSR3FYK1HMNR', '', NULL, 'other')
);
PRAGMA foreign_keys = ON;

-- then
-- expect: top | NULL | top
-- expect: middle | 01K59XZX0GEC79C45YQ9A29FRA | top
-- expect: low | 01K59Y1RX9PZGAF281MY5DFFAE | top
-- expect: other | NULL | other
SELECT plan.description, plan.parent_plan_id, root.description
FROM v3_plans AS plan JOIN v3_plans AS root ON root.plan_id = plan.root_plan_id
ORDER BY plan.plan_id;
-- expect: 0 rows
SELECT * FROM pragma_foreign_key_check;

-- after down
-- expect: 0 rows
SELECT plan_id FROM v3_plans WHERE parent_plan_id = '' OR root_plan_id = '';
-- expect: 0 rows
SELECT * FROM pragma_foreign_key_check;
