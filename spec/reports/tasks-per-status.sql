-- title: Tasks per status
-- description: How many tasks there are in each status, in the order in which a task goes through them, and when the
--   oldest of them was made.
-- bar: tasks
WITH known (status, place) AS (
    VALUES ('pending', 1), ('approved', 2), ('executing', 3), ('completed', 4), ('failed', 5), ('rejected', 6)
)
SELECT coalesce(known.status, tasks.status) AS status, min(created_at) AS oldest, count(task_id) AS tasks
FROM known
FULL JOIN tasks ON tasks.status = known.status
GROUP BY 1
ORDER BY place IS NULL, place;
