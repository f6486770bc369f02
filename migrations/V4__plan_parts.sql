-- What a plan is made of: its projects, arguments and invariants. Each is a part of its plan and goes with it.
--
-- In all three, the index of the UNIQUE constraint leads with plan_id and so serves the foreign key as well.
CREATE TABLE plan_projects (
    plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id) ON DELETE CASCADE,
    project_name TEXT NOT NULL,
    alias TEXT,
    read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
    created_at TEXT NOT NULL,
    UNIQUE (plan_id, project_name)
);

CREATE INDEX idx_plan_projects_project ON plan_projects (project_name);

CREATE TABLE plan_arguments (
    plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value_json TEXT,
    value_type TEXT,
    position INTEGER NOT NULL,
    UNIQUE (plan_id, name)
);

CREATE INDEX idx_plan_arguments_position ON plan_arguments (plan_id, position);

CREATE TABLE plan_invariants (
    plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id) ON DELETE CASCADE,
    invariant_text TEXT NOT NULL,
    source_scope TEXT NOT NULL CHECK (source_scope IN ('plan', 'action', 'project', 'global')),
    -- NULL: it came from a scope that does not order its invariants.
    position INTEGER,
    created_at TEXT NOT NULL,
    UNIQUE (plan_id, invariant_text)
);

CREATE INDEX idx_plan_invariants_position ON plan_invariants (plan_id, position);
