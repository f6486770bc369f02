-- title: Duration and failures per type of agent
-- description: Steps per type of agent, how long one takes on average and at the most, and how many failed, in percent of
--   those that ended.
-- bar: failed_percent of 100
SELECT
    agent_type AS agent,
    count(*) AS steps,
    round(avg(duration_ms) / 1000.0, 1) AS average_s,
    max(duration_ms) / 1000.0 AS longest_s,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    round(
        100.0 * count(*) FILTER (WHERE status = 'failed')
            / nullif(count(*) FILTER (WHERE status IN ('completed', 'failed')), 0),
        1
    ) AS failed_percent
FROM execution_logs
GROUP BY agent_type
ORDER BY failed_percent DESC, agent;
