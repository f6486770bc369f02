-- title: Resource usage per task
-- description: What the tasks that ended in the last days really used, and how much of the CPU time that was estimated
--   that is, in percent.
-- param: days integer = 30 (how many days to look back)
-- param: now datetime = now (where the last day ends)
SELECT
    task_id,
    json_extract(actual_resources, '$.cpu_seconds') AS cpu_s,
    json_extract(actual_resources, '$.memory_mb') AS memory_mb,
    json_extract(actual_resources, '$.disk_mb') AS disk_mb,
    round(
        100.0 * json_extract(actual_resources, '$.cpu_seconds')
            / nullif(json_extract(estimated_resources, '$.cpu_seconds'), 0),
        1
    ) AS cpu_percent
FROM tasks
WHERE actual_resources IS NOT NULL
  AND unixepoch(:now) - unixepoch(coalesce(completed_at, created_at)) BETWEEN 0 AND :days * 86400
ORDER BY cpu_s DESC, task_id;
