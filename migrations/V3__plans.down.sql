-- Plans move back to lifecycle_plans, which after this has the shape that V1 gives it.
--
-- Cannot restore: '' where it stood for "no parent" or "no root" (it stays NULL), and, of a table that was older than
-- this chain, indexes and columns that V1 does not know. Lost, for the old table has no place for them: attempt,
-- action_name, the actors, read_only, reusable, inputs_schema_json, tags_json, the times of the phases, completed_at,
-- applied_at, error_details_json.
CREATE TABLE lifecycle_plans (
    plan_id TEXT NOT NULL PRIMARY KEY,
    parent_plan_id TEXT,
    root_plan_id TEXT,
    namespaced_name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    description TEXT,
    definition_of_done TEXT,
    phase TEXT NOT NULL,
    state TEXT NOT NULL,
    automation_profile TEXT,
    error_message TEXT,
    created_by TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

INSERT INTO lifecycle_plans (
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, definition_of_done, phase, state,
    automation_profile, error_message, created_by, created_at, updated_at
)
SELECT
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, definition_of_done, phase,
    processing_state, automation_profile, error_message, created_by, created_at, updated_at
FROM v3_plans;

-- Its indexes go with it.
DROP TABLE v3_plans;
