-- The repair: v3_plans becomes what the spec says of `plans`, in one copy of the table.
--
--   root_plan_id                NOT NULL; deleting a root no longer writes NULL into its descendants
--   automation_profile          NOT NULL DEFAULT 'balanced'
--   effective_profile_snapshot  new, NOT NULL DEFAULT '{}', JSON only
--   validation_summary_json     no default: '{}' is a summary that nobody wrote
--   columns                     in the spec's order
--
-- What is left differs on purpose and is in the deviation ledger, with its reason.

-- First the roots, on the old table, in this transaction: a row whose root is NULL or '' gets its true root ancestor,
-- at any depth. Plans on a cycle, or whose parent does not exist, stop the migration, with their ids, and nothing is
-- written: which of them is right is not for a migration to guess. Nor are roots recomputed that are set but wrong:
-- `planctl backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id --recompute` does that
-- on request, and with --dry-run says how many there are.
-- planctl:backfill root-ancestor table=v3_plans id=plan_id parent=parent_plan_id root=root_plan_id

CREATE TABLE v3_plans_new (
    plan_id TEXT NOT NULL PRIMARY KEY,
    parent_plan_id TEXT REFERENCES v3_plans (plan_id),
    -- A root plan refers to itself. NO ACTION, for SET NULL would break NOT NULL, and RESTRICT would refuse a tree
    -- that is deleted in one statement. Not deferred: a root row satisfies itself on INSERT and takes its own
    -- reference along on DELETE, so there is nothing to wait for, and a wrong id fails at the statement that has it.
    root_plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id),
    attempt INTEGER NOT NULL DEFAULT 1,
    namespaced_name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    description TEXT,
    definition_of_done TEXT,
    phase TEXT NOT NULL DEFAULT 'action'
        CONSTRAINT plans_phase CHECK (phase IN ('action', 'strategize', 'execute', 'apply', 'applied')),
    processing_state TEXT NOT NULL
        CHECK (processing_state IN ('queued', 'processing', 'errored', 'complete', 'cancelled')),
    strategize_started_at TEXT,
    execute_started_at TEXT,
    apply_started_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    completed_at TEXT,
    applied_at TEXT,
    -- An action that is in use is archived, not deleted: no ON DELETE.
    action_name TEXT REFERENCES actions (namespaced_name),
    -- The default is for writers that are older than the column's NOT NULL.
    automation_profile TEXT NOT NULL DEFAULT 'balanced',
    -- The default is for writers that do not know the column. Text that is not JSON made rows unreadable once.
    effective_profile_snapshot TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(effective_profile_snapshot)),
    strategy_actor TEXT,
    execution_actor TEXT,
    estimation_actor TEXT,
    invariant_actor TEXT,
    review_actor TEXT,
    apply_actor TEXT,
    read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
    reusable INTEGER NOT NULL DEFAULT 1 CHECK (reusable IN (0, 1)),
    inputs_schema_json TEXT,
    created_by TEXT,
    tags_json TEXT,
    changeset_id TEXT,
    sandbox_refs_json TEXT,
    validation_summary_json TEXT,
    decision_root_id TEXT,
    error_message TEXT,
    error_details_json TEXT
);

-- The rowid is carried over, or rows would be renumbered.
INSERT INTO v3_plans_new (
    rowid, plan_id, parent_plan_id, root_plan_id, attempt, namespaced_name, namespace, description, definition_of_done,
    phase, processing_state, strategize_started_at, execute_started_at, apply_started_at, created_at, updated_at,
    completed_at, applied_at, action_name, automation_profile, effective_profile_snapshot, strategy_actor,
    execution_actor, estimation_actor, invariant_actor, review_actor, apply_actor, read_only, reusable,
    inputs_schema_json, created_by, tags_json, changeset_id, sandbox_refs_json, validation_summary_json,
    decision_root_id, error_message, error_details_json
)
SELECT
    rowid,
    plan_id,
    -- '' made a root of a row just now, as NULL does; under the foreign key only NULL is one.
    nullif(parent_plan_id, ''),
    root_plan_id,
    attempt, namespaced_name, namespace, description, definition_of_done,
    phase, processing_state, strategize_started_at, execute_started_at, apply_started_at, created_at, updated_at,
    completed_at, applied_at, action_name,
    -- Nothing stated, be it NULL or blank: the default. JSON stays to the letter. A bare name ("supervised") is wrapped
    -- and kept: once, the default was written over it. The provenance says that it was bare, so the down can unwrap it.
    CASE
        WHEN automation_profile IS NULL OR trim(automation_profile) = '' THEN 'balanced'
        WHEN json_valid(automation_profile) THEN automation_profile
        ELSE json_object('profile_name', automation_profile, 'provenance', 'legacy-text')
    END,
    -- What the profile said when the plan was made was not recorded; its name is all that is known of it. Where not
    -- even that was stated as an object, the snapshot stays empty and nothing is invented.
    CASE
        WHEN automation_profile IS NULL OR trim(automation_profile) = '' THEN '{}'
        WHEN NOT json_valid(automation_profile)
            THEN json_object('profile_name', automation_profile, 'provenance', 'legacy-text')
        WHEN json_type(automation_profile) = 'object' THEN automation_profile
        ELSE '{}'
    END,
    strategy_actor,
    execution_actor, estimation_actor, invariant_actor, review_actor, apply_actor, read_only, reusable,
    inputs_schema_json, created_by, tags_json, changeset_id, sandbox_refs_json, validation_summary_json,
    decision_root_id, error_message, error_details_json
FROM v3_plans;

-- Foreign keys are not enforced while a migration runs, or this would delete every row that refers to a plan with
-- ON DELETE CASCADE. The old table is dropped, never renamed away: a rename would take the other tables' references
-- along with it.
DROP TABLE v3_plans;
ALTER TABLE v3_plans_new RENAME TO v3_plans;

-- The indexes went with the old table. Triggers and views on it there are none in this chain.
CREATE INDEX idx_plans_phase ON v3_plans (phase);
CREATE INDEX idx_plans_state ON v3_plans (processing_state);
CREATE INDEX idx_plans_namespace ON v3_plans (namespace);
CREATE INDEX idx_plans_parent ON v3_plans (parent_plan_id);
CREATE INDEX idx_plans_root ON v3_plans (root_plan_id);
CREATE INDEX idx_plans_action ON v3_plans (action_name);
