-- title: Longest-running tasks
-- description: From approval to the end, in minutes; of a task that is at work, until now.
-- param: rows integer = 10 (how many tasks)
-- param: now datetime = now (until when a task that is at work has run)
-- bar: minutes
SELECT
    task_id,
    status,
    round((unixepoch(coalesce(completed_at, :now)) - unixepoch(coalesce(approved_at, created_at))) / 60.0, 1) AS minutes
FROM tasks
WHERE status IN ('executing', 'completed', 'failed')
ORDER BY minutes DESC, task_id
LIMIT max(:rows, 0);
