-- Actions: the templates that plans are made from, and the invariants that come with each.

-- Databases older than this chain hold their plans in lifecycle_plans; fresh ones have no such table. From here on
-- both have it, so that every later migration meets one schema only: databases that were made fresh and databases
-- that were migrated had once drifted apart, and every test had used fresh ones. V3 moves its rows and drops it.
CREATE TABLE IF NOT EXISTS lifecycle_plans (
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

CREATE TABLE actions (
    -- SQLite lets a TEXT primary key be NULL unless it is told otherwise.
    namespaced_name TEXT NOT NULL PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    strategy_actor TEXT,
    execution_actor TEXT,
    review_actor TEXT,
    apply_actor TEXT,
    estimation_actor TEXT,
    invariant_actor TEXT,
    state TEXT NOT NULL DEFAULT 'available' CHECK (state IN ('available', 'archived')),
    description TEXT,
    long_description TEXT,
    definition_of_done TEXT,
    automation_profile TEXT,
    reusable INTEGER NOT NULL DEFAULT 1 CHECK (reusable IN (0, 1)),
    read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
    inputs_schema_json TEXT,
    tags_json TEXT,
    created_by TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

-- The primary key is unique already, but its index has a name that SQLite chose. The spec asks for one by name.
CREATE UNIQUE INDEX idx_actions_namespaced_name ON actions (namespaced_name);
CREATE INDEX idx_actions_namespace ON actions (namespace);
CREATE INDEX idx_actions_state ON actions (state);

-- An invariant is a part of its action and goes with it.
CREATE TABLE action_invariants (
    action_name TEXT NOT NULL REFERENCES actions (namespaced_name) ON DELETE CASCADE,
    invariant_text TEXT NOT NULL,
    position INTEGER NOT NULL,
    created_at TEXT NOT NULL
);

-- Serves the foreign key and the order in which invariants are shown.
CREATE INDEX idx_action_invariants_position ON action_invariants (action_name, position);
