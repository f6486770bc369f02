-- title: Success rate per day
-- description: The tasks that ended on each day (UTC), and how many of them went well, in percent. A day on which none
--   ended has no rate. The days begin with the first on which a task ended.
-- param: days integer = 30 (how many days, the last one included)
-- param: now datetime = now (on the last day)
-- bar: percent of 100
WITH RECURSIVE
    ended (day, good) AS (
        SELECT date(completed_at), status = 'completed'
        FROM tasks
        WHERE status IN ('completed', 'failed')
          AND completed_at IS NOT NULL
    ),
    days (day) AS (
        -- A span that begins before the calendar does begins with the first task.
        SELECT max((SELECT min(day) FROM ended), coalesce(date(:now, printf('%+d days', 1 - :days)), ''))
        WHERE :days > 0
        UNION ALL
        SELECT date(day, '+1 day') FROM days WHERE day < date(:now)
    )
SELECT
    days.day,
    count(good) AS ended,
    coalesce(sum(good), 0) AS completed,
    round(100.0 * avg(good), 1) AS percent
FROM days
LEFT JOIN ended ON ended.day = days.day
WHERE days.day <= date(:now)
GROUP BY days.day
ORDER BY days.day;
