-- title: Failed steps
-- description: The steps that failed in the last days, the latest first, and whether a later step of the same task did
--   the same with success.
-- param: days integer = 30 (how many days to look back)
-- param: now datetime = now (where the last day ends)
SELECT
    timestamp AS at,
    task_id,
    step_number AS step,
    agent_type AS agent,
    action,
    output_summary AS summary,
    CASE
        WHEN EXISTS (
            SELECT 1
            FROM execution_logs AS later
            WHERE later.task_id = failed.task_id
              AND later.action = failed.action
              AND later.step_number > failed.step_number
              AND later.status = 'completed'
        ) THEN 'yes'
        ELSE 'no'
    END AS recovered
FROM execution_logs AS failed
WHERE status = 'failed'
  AND unixepoch(:now) - unixepoch(timestamp) BETWEEN 0 AND :days * 86400
ORDER BY unixepoch(timestamp, 'subsec') DESC, task_id, step;
