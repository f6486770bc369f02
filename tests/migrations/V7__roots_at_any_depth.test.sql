-- Every plan gets its true root ancestor, at any depth and whatever the order of the rows: neither its own id, as one
-- version of this backfill wrote into every row, nor its parent's, as the next wrote into the third level.

-- given
-- Six levels under `release`, stored from the bottom up, and two branches under `audit`, one of them half filled.
INSERT INTO v3_plans (
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, processing_state, created_at,
    updated_at
)
SELECT column1, column2, column3, 'ops/' || column4, 'ops', column4, 'queued', '2025-07-01T10:00:00Z',
    '2025-07-01T10:00:00Z'
FROM (VALUES
    ('01KCZHRGARBT6TAR9EFVHH9524', '01KCZHTC7H9PAKTHXHRAQ0VKG1', NULL, 'level 6'),
    ('01KCZHTC7H9PAKTHXHRAQ0VKG1', '01KCZHW84AD3A0C8KV7Z9ADZDV', NULL, 'level 5'),
    ('01KCZHW84AD3A0C8KV7Z9ADZDV', '01KCZHY413N6D1AAGCV46104FM', NULL, 'level 4'),
    ('01KCZHY413N6D1AAGCV46104FM', '01KCZHZZXW486A8NZNWQPNPXKD', NULL, 'level 3'),
    ('01KCZHZZXW486A8NZNWQPNPXKD', '01KCZJ1VTNF11M83SPWGB8NHJD', NULL, 'level 2'),
    ('01KCZJ1VTNF11M83SPWGB8NHJD', NULL, NULL, 'release'),
    ('01KCZJ3QQEM8RDC3S61XAPXPG7', NULL, '01KCZJ3QQEM8RDC3S61XAPXPG7', 'audit'),
    ('01KCZJ5KM70M9NTK484FRX78N0', '01KCZJ3QQEM8RDC3S61XAPXPG7', '01KCZJ3QQEM8RDC3S61XAPXPG7', 'left'),
    ('01KCZJ7FH03C7AXVF1FCGH9SVY', '01KCZJ5KM70M9NTK484FRX78N0', NULL, 'left below'),
    ('01KCZJ9BDSMV84JJ67398EJNMJ', '01KCZJ3QQEM8RDC3S61XAPXPG7', NULL, 'right'),
    ('01KCZJB7AJ7G8NQY9R5S22GA8V', NULL, NULL, 'alone')
);

-- then
-- expect: alone | alone
-- expect: audit | audit
-- expect: left | audit
-- expect: left below | audit
-- expect: level 2 | release
-- expect: level 3 | release
-- expect: level 4 | release
-- expect: level 5 | release
-- expect: level 6 | release
-- expect: release | release
-- expect: right | audit
SELECT plan.description, root.description
FROM v3_plans AS plan JOIN v3_plans AS root ON root.plan_id = plan.root_plan_id
ORDER BY plan.description;
-- Who is whose parent is as it was, and nothing but the root was written.
-- expect: level 6 | level 5
-- expect: left below | left
SELECT plan.description, parent.description
FROM v3_plans AS plan JOIN v3_plans AS parent ON parent.plan_id = plan.parent_plan_id
WHERE plan.plan_id IN ('01KCZHRGARBT6TAR9EFVHH9524', '01KCZJ7FH03C7AXVF1FCGH9SVY') ORDER BY plan.plan_id;
-- expect: 0 rows
SELECT plan_id FROM v3_plans WHERE updated_at <> created_at;

-- after down
-- The roots stay: which of them were NULL is not known any more.
-- expect: 11 | 0 | 3
SELECT count(*), sum(root_plan_id IS NULL), count(DISTINCT root_plan_id) FROM v3_plans;
-- expect: 01KCZHRGARBT6TAR9EFVHH9524 | 01KCZJ1VTNF11M83SPWGB8NHJD
SELECT plan_id, root_plan_id FROM v3_plans WHERE description = 'level 6';
