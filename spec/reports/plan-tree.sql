-- title: Tree of a plan
-- description: A plan and all that is below it, each under its parent, the elder first.
-- param: plan ulid (the plan at the top)
WITH RECURSIVE tree (plan_id, depth, plan, phase, state) AS (
    SELECT plan_id, 0, namespaced_name, phase, processing_state FROM v3_plans WHERE plan_id = :plan
    UNION ALL
    -- A plan has one parent, so the way down can only lead back to where it began: without that it ends on cycles, too.
    SELECT child.plan_id, depth + 1, child.namespaced_name, child.phase, child.processing_state
    FROM tree
    JOIN v3_plans AS child ON child.parent_plan_id = tree.plan_id
    WHERE child.plan_id <> :plan
    -- Children come before the next sibling; a ULID begins with its time.
    ORDER BY 2 DESC, 1
)
SELECT depth, printf('%*s', 2 * min(depth, 20), '') || plan AS plan, phase, state
FROM tree;
