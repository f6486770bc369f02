-- title: Longest hierarchies
-- description: The plans with the most levels below them, themselves included, how many plans that are, and how many of
--   them are still to be worked on. A plan whose parent does not exist begins a hierarchy; plans on a cycle have no
--   beginning and are in none.
-- param: rows integer = 10 (how many hierarchies)
WITH RECURSIVE walk (root, plan_id, level) AS (
    SELECT plan_id, plan_id, 1
    FROM v3_plans AS plan
    WHERE NOT EXISTS (SELECT 1 FROM v3_plans AS parent WHERE parent.plan_id = plan.parent_plan_id)
    UNION ALL
    -- What is reached has one parent, and the ways begin where there is none: no cycle can be reached.
    SELECT root, child.plan_id, level + 1
    FROM walk
    JOIN v3_plans AS child ON child.parent_plan_id = walk.plan_id
)
SELECT
    root AS plan_id,
    (SELECT namespaced_name FROM v3_plans WHERE v3_plans.plan_id = root) AS plan,
    max(level) AS levels,
    count(*) AS plans,
    count(*) FILTER (WHERE processing_state IN ('queued', 'processing')) AS open
FROM walk
JOIN v3_plans USING (plan_id)
GROUP BY root
ORDER BY levels DESC, plans DESC, root
LIMIT max(:rows, 0);
