-- title: Plans per phase and state
-- description: How many plans are in each phase and state, in the order in which a plan goes through them.
-- bar: plans
WITH
    phases (phase, place) AS (
        VALUES ('action', 1), ('strategize', 2), ('execute', 3), ('apply', 4), ('applied', 5)
    ),
    states (state, place) AS (
        VALUES ('queued', 1), ('processing', 2), ('errored', 3), ('complete', 4), ('cancelled', 5)
    )
SELECT v3_plans.phase, processing_state AS state, count(*) AS plans
FROM v3_plans
LEFT JOIN phases ON phases.phase = v3_plans.phase
LEFT JOIN states ON states.state = v3_plans.processing_state
GROUP BY v3_plans.phase, processing_state
ORDER BY phases.place, states.place;
