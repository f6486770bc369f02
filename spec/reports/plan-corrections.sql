-- title: Corrections per plan
-- description: How often the decisions of each plan were to be corrected, in which way, and what became of it; the most
--   often corrected first.
SELECT
    namespaced_name AS plan,
    count(*) AS attempts,
    count(*) FILTER (WHERE mode = 'revert') AS reverts,
    count(*) FILTER (WHERE mode = 'append') AS appends,
    count(*) FILTER (WHERE state = 'complete') AS complete,
    count(*) FILTER (WHERE state = 'failed') AS failed,
    count(*) FILTER (WHERE state IN ('pending', 'executing')) AS open
FROM correction_attempts
JOIN v3_plans USING (plan_id)
GROUP BY plan_id
ORDER BY attempts DESC, plan;
