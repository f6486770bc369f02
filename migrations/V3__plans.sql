-- Plans move from lifecycle_plans to v3_plans.
--
-- This is the table as it was before the repair: root_plan_id and automation_profile may be NULL, deleting a root
-- sets its descendants' root to NULL, and there is no snapshot of the profile. V7 puts that right. A migration that
-- has run somewhere is never edited, so it stays as it is.
CREATE TABLE v3_plans (
    plan_id TEXT NOT NULL PRIMARY KEY,
    parent_plan_id TEXT REFERENCES v3_plans (plan_id),
    root_plan_id TEXT REFERENCES v3_plans (plan_id) ON DELETE SET NULL,
    attempt INTEGER NOT NULL DEFAULT 1,
    namespaced_name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    description TEXT,
    definition_of_done TEXT,
    -- An action that is in use is archived, not deleted: no ON DELETE.
    action_name TEXT REFERENCES actions (namespaced_name),
    phase TEXT NOT NULL DEFAULT 'action'
        CONSTRAINT plans_phase CHECK (phase IN ('action', 'strategize', 'execute', 'apply', 'applied')),
    processing_state TEXT NOT NULL
        CHECK (processing_state IN ('queued', 'processing', 'errored', 'complete', 'cancelled')),
    automation_profile TEXT,
    strategy_actor TEXT,
    execution_actor TEXT,
    estimation_actor TEXT,
    invariant_actor TEXT,
    review_actor TEXT,
    apply_actor TEXT,
    read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
    reusable INTEGER NOT NULL DEFAULT 1 CHECK (reusable IN (0, 1)),
    inputs_schema_json TEXT,
    tags_json TEXT,
    created_by TEXT,
    strategize_started_at TEXT,
    execute_started_at TEXT,
    apply_started_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    completed_at TEXT,
    applied_at TEXT,
    error_message TEXT,
    error_details_json TEXT
);

-- The old table had no foreign keys, and '' stood for "none" in it beside NULL. Under a foreign key '' is the id of a
-- plan that does not exist. Everything else moves as it is: a phase or state that is not known, or a parent that does
-- not exist, stops the migration instead of being guessed at. Old plans had no action: that table is new with V1.
INSERT INTO v3_plans (
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, definition_of_done, phase,
    processing_state, automation_profile, error_message, created_by, created_at, updated_at
)
SELECT
    plan_id, nullif(parent_plan_id, ''), nullif(root_plan_id, ''), namespaced_name, namespace, description,
    definition_of_done, phase, state, automation_profile, error_message, created_by, created_at, updated_at
FROM lifecycle_plans;

DROP TABLE lifecycle_plans;

-- The names are the spec's, for its table `plans`; an index that the old table may have had is gone by now.
CREATE INDEX idx_plans_phase ON v3_plans (phase);
CREATE INDEX idx_plans_state ON v3_plans (processing_state);
CREATE INDEX idx_plans_namespace ON v3_plans (namespace);
-- Each foreign key is looked up from its parent's side whenever a parent row goes.
CREATE INDEX idx_plans_parent ON v3_plans (parent_plan_id);
CREATE INDEX idx_plans_root ON v3_plans (root_plan_id);
CREATE INDEX idx_plans_action ON v3_plans (action_name);
