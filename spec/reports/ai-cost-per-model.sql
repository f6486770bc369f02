-- title: AI cost per model
-- description: Tasks and tokens per model, what a thousand tokens cost on average, and all of them, in US dollars.
-- bar: cost
SELECT
    json_extract(external_ai_used, '$.model') AS model,
    count(*) AS tasks,
    sum(json_extract(external_ai_used, '$.tokens')) AS tokens,
    round(
        1000.0 * sum(json_extract(external_ai_used, '$.cost'))
            / nullif(sum(json_extract(external_ai_used, '$.tokens')), 0),
        4
    ) AS cost_per_1000,
    round(sum(json_extract(external_ai_used, '$.cost')), 4) AS cost
FROM tasks
WHERE external_ai_used IS NOT NULL
GROUP BY model
ORDER BY cost DESC, model;
