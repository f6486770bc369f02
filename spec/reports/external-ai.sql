-- title: Tasks that used external AI
-- description: Which model each of them asked, and what it cost in US dollars, the dearest first.
SELECT
    task_id,
    status,
    json_extract(external_ai_used, '$.model') AS model,
    json_extract(external_ai_used, '$.tokens') AS tokens,
    json_extract(external_ai_used, '$.cost') AS cost
FROM tasks
WHERE external_ai_used IS NOT NULL
ORDER BY cost DESC, task_id;
