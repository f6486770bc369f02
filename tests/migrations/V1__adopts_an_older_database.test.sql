-- A database that is older than the chain brings its plans along, and V1 leaves them alone.

-- given
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
INSERT INTO lifecycle_plans (plan_id, namespaced_name, namespace, phase, state, created_at, updated_at)
VALUES ('01K54EBNBG9A3PCEF7X3MS0CZM', 'ops/restore-backup', 'ops', 'execute', 'processing',
        '2025-03-04T08:00:00Z', '2025-03-04T08:10:00Z');

-- then
-- expect: 01K54EBNBG9A3PCEF7X3MS0CZM | execute | processing
SELECT plan_id, phase, state FROM lifecycle_plans;
-- expect: 0
SELECT count(*) FROM actions;

-- after down
-- What the down says that it cannot restore.
-- expect error: no such table
SELECT count(*) FROM lifecycle_plans;
