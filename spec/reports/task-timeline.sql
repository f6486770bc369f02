-- title: Timeline of a task
-- description: The steps of one task in their order: when each began, counted in seconds from the first, and how long it
--   took. A step that has not ended has no duration.
-- param: task uuid (the task)
-- bar: seconds
SELECT
    step_number AS step,
    unixepoch(timestamp) - min(unixepoch(timestamp)) OVER () AS after,
    agent_type AS agent,
    action,
    status,
    duration_ms / 1000.0 AS seconds
FROM execution_logs
WHERE task_id = :task
ORDER BY step_number, timestamp, log_id;
