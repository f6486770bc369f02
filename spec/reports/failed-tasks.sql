-- title: Failed tasks
-- description: The tasks that failed in the last days, the latest first. A task without a time of its end counts from
--   when it was made.
-- param: days integer = 7 (how many days to look back)
-- param: now datetime = now (where the last day ends)
SELECT
    task_id,
    coalesce(completed_at, created_at) AS failed_at,
    request_text AS request,
    error_message AS error
FROM tasks
WHERE status = 'failed'
  AND unixepoch(:now) - unixepoch(coalesce(completed_at, created_at)) BETWEEN 0 AND :days * 86400
ORDER BY failed_at DESC, task_id;
