-- v3_plans becomes again what V6 left, in one copy of the table: root_plan_id may be NULL and is set to NULL when its
-- plan goes, automation_profile may be NULL, no snapshot, validation_summary_json
-- defaults to '{}', the columns in the order in which they had grown.
--
-- Restores: the foreign keys' policy, and names that were bare text before V7 wrapped them.
-- Cannot restore: which roots were NULL or '' before the backfill (they stay filled, and are right); which profiles
-- were NULL or '' (they stay 'balanced', and another up will wrap that name like any other); '' in parent_plan_id (it
-- stays NULL). Lost: effective_profile_snapshot; another up fills it from automation_profile alone.
CREATE TABLE v3_plans_new (
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
    error_details_json TEXT,
    changeset_id TEXT,
    sandbox_refs_json TEXT,
    validation_summary_json TEXT DEFAULT '{}',
    decision_root_id TEXT
);

INSERT INTO v3_plans_new (
    rowid, plan_id, parent_plan_id, root_plan_id, attempt, namespaced_name, namespace, description, definition_of_done,
    action_name, phase, processing_state, automation_profile, strategy_actor, execution_actor, estimation_actor,
    invariant_actor, review_actor, apply_actor, read_only, reusable, inputs_schema_json, tags_json, created_by,
    strategize_started_at, execute_started_at, apply_started_at, created_at, updated_at, completed_at, applied_at,
    error_message, error_details_json, changeset_id, sandbox_refs_json, validation_summary_json, decision_root_id
)
SELECT
    rowid, plan_id, parent_plan_id, root_plan_id, attempt, namespaced_name, namespace, description, definition_of_done,
    action_name, phase, processing_state,
    -- Only what V7 wrapped, to the letter: an object that somebody extended since has more to it than a name.
    CASE
        WHEN NOT json_valid(automation_profile) THEN automation_profile
        WHEN automation_profile = json_object(
            'profile_name', json_extract(automation_profile, '$.profile_name'), 'provenance', 'legacy-text'
        ) THEN json_extract(automation_profile, '$.profile_name')
        ELSE automation_profile
    END,
    strategy_actor, execution_actor, estimation_actor,
    invariant_actor, review_actor, apply_actor, read_only, reusable, inputs_schema_json, tags_json, created_by,
    strategize_started_at, execute_started_at, apply_started_at, created_at, updated_at, completed_at, applied_at,
    error_message, error_details_json, changeset_id, sandbox_refs_json, validation_summary_json, decision_root_id
FROM v3_plans;

DROP TABLE v3_plans;
ALTER TABLE v3_plans_new RENAME TO v3_plans;

CREATE INDEX idx_plans_phase ON v3_plans (phase);
CREATE INDEX idx_plans_state ON v3_plans (processing_state);
CREATE INDEX idx_plans_namespace ON v3_plans (namespace);
CREATE INDEX idx_plans_parent ON v3_plans (parent_plan_id);
CREATE INDEX idx_plans_root ON v3_plans (root_plan_id);
CREATE INDEX idx_plans_action ON v3_plans (action_name);
