-- The database of an agent-planning system: actions, the plans that are made from them, the decisions that were taken
-- on the way, and the tasks that were carried out. This specification is what every such database is held against
-- (`planctl audit`); it runs as it is on an empty database. Where the live database has another name or another value
-- on purpose, deviations.toml says so, with the reason.
--
-- The comment on a column, on the same line or the next, states what its values are, and `planctl audit --data` holds
-- the rows to it:
--
-- - ULID is an identifier of 26 Crockford base-32 characters, UUID one of 36 with its hyphens.
-- - ISO-8601 UTC is a time as text: 2026-01-31T09:30:00Z.
-- - JSON is one valid JSON text, as SQLite's `json_valid()` has it. This holds for every column that ends in `_json`
--   and for those that say so. A column without a value is NULL: the JSON text `null` is a value, and the empty string
--   is not JSON.

-- The templates that plans are made from.
CREATE TABLE actions (
    namespaced_name TEXT NOT NULL PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    strategy_actor TEXT,
    execution_actor TEXT,
    review_actor TEXT,
    apply_actor TEXT,
    estimation_actor TEXT,
    invariant_actor TEXT,
    state TEXT NOT NULL DEFAULT 'available' CHECK (state IN ('available', 'archived')), -- 'available' | 'archived'
    description TEXT,
    long_description TEXT,
    definition_of_done TEXT,
    automation_profile TEXT,
    reusable INTEGER NOT NULL DEFAULT 1 CHECK (reusable IN (0, 1)),
    read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
    inputs_schema_json TEXT, -- JSON
    tags_json TEXT, -- JSON
    created_by TEXT,
    created_at TEXT NOT NULL, -- ISO-8601 UTC
    updated_at TEXT NOT NULL -- ISO-8601 UTC
);

CREATE UNIQUE INDEX idx_actions_namespaced_name ON actions (namespaced_name);
CREATE INDEX idx_actions_namespace ON actions (namespace);
CREATE INDEX idx_actions_state ON actions (state);

-- What has to hold for every plan that is made from the action, in the order of `position`. A plan has such invariants
-- with the scope 'action' in plan_invariants.
CREATE TABLE action_invariants (
    action_name TEXT NOT NULL REFERENCES actions (namespaced_name) ON DELETE CASCADE,
    invariant_text TEXT NOT NULL,
    position INTEGER NOT NULL,
    created_at TEXT NOT NULL -- ISO-8601 UTC
);

CREATE INDEX idx_action_invariants_position ON action_invariants (action_name, position);

-- The arguments that an action takes. `arg_type` says what a value may be, `min_value` and `max_value` bound numbers
-- (an end that is NULL is open), `validation_pattern` bounds text, and `default_value_json` is the value of an argument
-- that is not given. The values that a plan was given are in plan_arguments, and written in the same way.
CREATE TABLE action_arguments (
    action_name TEXT NOT NULL REFERENCES actions (namespaced_name) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    arg_type TEXT NOT NULL CHECK (arg_type IN ('string', 'integer', 'float', 'boolean', 'list')),
    -- 'string' | 'integer' | 'float' | 'boolean' | 'list'
    requirement TEXT,
    description TEXT,
    default_value_json TEXT, -- JSON
    min_value REAL,
    max_value REAL,
    validation_pattern TEXT,
    position INTEGER NOT NULL,
    CHECK (min_value <= max_value),
    UNIQUE (action_name, name)
);

CREATE INDEX idx_action_arguments_position ON action_arguments (action_name, position);

-- What is to be done, from strategy to application. Plans are a tree: a plan below another one names it as its parent,
-- and every plan names the root of its tree, however deep it stands; a root plan has no parent and is its own root.
-- `phase` is how far a plan has come, `state` how it stands in that phase. The profile that was in force when the plan
-- was made is kept in `effective_profile_snapshot`: later changes of the profile do not change the plan.
CREATE TABLE plans (
    plan_id TEXT NOT NULL PRIMARY KEY, -- ULID
    parent_plan_id TEXT REFERENCES plans (plan_id), -- ULID
    root_plan_id TEXT NOT NULL REFERENCES plans (plan_id), -- ULID
    attempt INTEGER NOT NULL DEFAULT 1,
    namespaced_name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    description TEXT,
    definition_of_done TEXT,
    phase TEXT NOT NULL DEFAULT 'strategize' -- 'strategize' | 'execute' | 'apply' | 'applied'
        CONSTRAINT plans_phase CHECK (phase IN ('strategize', 'execute', 'apply', 'applied')),
    state TEXT NOT NULL -- 'queued' | 'processing' | 'errored' | 'complete' | 'cancelled'
        CHECK (state IN ('queued', 'processing', 'errored', 'complete', 'cancelled')),
    strategize_started_at TEXT, -- ISO-8601 UTC
    execute_started_at TEXT, -- ISO-8601 UTC
    apply_started_at TEXT, -- ISO-8601 UTC
    created_at TEXT NOT NULL, -- ISO-8601 UTC
    updated_at TEXT NOT NULL, -- ISO-8601 UTC
    completed_at TEXT, -- ISO-8601 UTC
    applied_at TEXT, -- ISO-8601 UTC
    action_name TEXT REFERENCES actions (namespaced_name),
    automation_profile_name TEXT NOT NULL,
    effective_profile_snapshot TEXT NOT NULL -- JSON: the profile as it was when the plan was made
        CHECK (json_valid(effective_profile_snapshot)),
    strategy_actor_name TEXT,
    execution_actor_name TEXT,
    estimation_actor_name TEXT,
    invariant_actor_name TEXT,
    review_actor_name TEXT,
    apply_actor_name TEXT,
    read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
    reusable INTEGER NOT NULL DEFAULT 1 CHECK (reusable IN (0, 1)),
    inputs_schema_json TEXT, -- JSON
    created_by TEXT,
    tags_json TEXT, -- JSON
    changeset_id TEXT,
    sandbox_refs_json TEXT, -- JSON
    validation_summary_json TEXT, -- JSON
    decision_root_id TEXT, -- ULID
    error_message TEXT,
    error_traceback TEXT
);

CREATE INDEX idx_plans_phase ON plans (phase);
CREATE INDEX idx_plans_state ON plans (state);
CREATE INDEX idx_plans_namespace ON plans (namespace);
CREATE INDEX idx_plans_parent ON plans (parent_plan_id);
CREATE INDEX idx_plans_root ON plans (root_plan_id);
CREATE INDEX idx_plans_action ON plans (action_name);

-- The projects that a plan works on, each under the alias that the plan has for it.
CREATE TABLE plan_projects (
    plan_id TEXT NOT NULL REFERENCES plans (plan_id) ON DELETE CASCADE, -- ULID
    project_name TEXT NOT NULL,
    alias TEXT,
    read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
    created_at TEXT NOT NULL, -- ISO-8601 UTC
    UNIQUE (plan_id, project_name)
);

CREATE INDEX idx_plan_projects_project ON plan_projects (project_name);

-- The arguments that a plan was given, in the order of `position`. `value_json` is the value as JSON, so that each type
-- comes back as it went in; `value_type` is its type, in the words of `action_arguments.arg_type`:
--
-- - 'string': a JSON string, with its quotes: `"main"`.
-- - 'integer': a JSON number without a fraction: `3`.
-- - 'float': a JSON number: `0.5`.
-- - 'boolean': `true` or `false`, not 1 or 0.
-- - 'list': a JSON array: `["a", "b"]`.
CREATE TABLE plan_arguments (
    plan_id TEXT NOT NULL REFERENCES plans (plan_id) ON DELETE CASCADE, -- ULID
    name TEXT NOT NULL,
    value_json TEXT, -- JSON
    value_type TEXT,
    position INTEGER NOT NULL,
    UNIQUE (plan_id, name)
);

CREATE INDEX idx_plan_arguments_position ON plan_arguments (plan_id, position);

-- What has to hold while a plan runs and when it is done. `source_scope` says where an invariant comes from:
--
-- - 'plan': it was stated for this plan.
-- - 'action': it comes with the action that the plan was made from (action_invariants).
-- - 'project': it holds for everything that is done in a project of the plan (plan_projects).
-- - 'global': it holds everywhere.
--
-- An invariant is in a plan once, whatever scopes it comes from. `position` is NULL where the scope does not order its
-- invariants.
CREATE TABLE plan_invariants (
    plan_id TEXT NOT NULL REFERENCES plans (plan_id) ON DELETE CASCADE, -- ULID
    invariant_text TEXT NOT NULL,
    source_scope TEXT NOT NULL CHECK (source_scope IN ('plan', 'action', 'project', 'global')),
    -- 'plan' | 'action' | 'project' | 'global'
    position INTEGER,
    created_at TEXT NOT NULL, -- ISO-8601 UTC
    UNIQUE (plan_id, invariant_text)
);

CREATE INDEX idx_plan_invariants_position ON plan_invariants (plan_id, position);

-- The decisions that were taken in a plan: the record of why it is as it is. A decision that followed from another one
-- names it as its parent; one that was replaced stays, with the time at which it was superseded.
CREATE TABLE decisions (
    decision_id TEXT NOT NULL PRIMARY KEY, -- ULID
    plan_id TEXT NOT NULL REFERENCES plans (plan_id), -- ULID
    parent_decision_id TEXT REFERENCES decisions (decision_id), -- ULID
    kind TEXT NOT NULL,
    question TEXT NOT NULL,
    chosen_option TEXT,
    rationale TEXT,
    created_at TEXT NOT NULL, -- ISO-8601 UTC
    superseded_at TEXT -- ISO-8601 UTC
);

CREATE INDEX idx_decisions_plan ON decisions (plan_id);
CREATE INDEX idx_decisions_parent ON decisions (parent_decision_id);

-- The attempts to correct a decision: to take it back ('revert') or to add to it ('append'), as the guidance says. The
-- decision that came of it is the new one.
CREATE TABLE correction_attempts (
    correction_attempt_id TEXT NOT NULL PRIMARY KEY, -- ULID
    plan_id TEXT NOT NULL REFERENCES plans (plan_id), -- ULID
    original_decision_id TEXT NOT NULL REFERENCES decisions (decision_id), -- ULID
    new_decision_id TEXT REFERENCES decisions (decision_id), -- ULID
    mode TEXT NOT NULL CHECK (mode IN ('revert', 'append')), -- 'revert' | 'append'
    guidance TEXT NOT NULL,
    archived_artifacts_path TEXT,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'executing', 'complete', 'failed')),
    -- 'pending' | 'executing' | 'complete' | 'failed'
    created_at TEXT NOT NULL, -- ISO-8601 UTC
    completed_at TEXT -- ISO-8601 UTC
);

CREATE INDEX idx_corrections_plan ON correction_attempts (plan_id);
CREATE INDEX idx_corrections_original_decision ON correction_attempts (original_decision_id);
CREATE INDEX idx_corrections_new_decision ON correction_attempts (new_decision_id);

-- Requests that people make of the agents. Designed on PostgreSQL, as execution_logs is: the CHECKs stand in for its
-- column types UUID, JSONB and TIMESTAMP.
CREATE TABLE tasks (
    task_id TEXT NOT NULL PRIMARY KEY -- UUID
        CHECK (
            task_id GLOB '????????-????-????-????-????????????'
            AND length(replace(task_id, '-', '')) = 32
            AND replace(task_id, '-', '') NOT GLOB '*[^0-9a-f]*'
        ),
    project_id TEXT,
    request_text TEXT NOT NULL,
    created_by TEXT,
    status TEXT DEFAULT 'pending' -- 'pending' | 'approved' | 'executing' | 'completed' | 'failed' | 'rejected'
        CHECK (status IN ('pending', 'approved', 'executing', 'completed', 'failed', 'rejected')),
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) -- ISO-8601 UTC
        CHECK (
            created_at IS NULL
            OR strftime('%Y-%m-%dT%H:%M:%S', substr(created_at, 1, 19), '+0 days') IS substr(created_at, 1, 19)
            AND (
                substr(created_at, 20) = 'Z'
                OR substr(created_at, 20, 2) GLOB '.[0-9]'
                AND ltrim(substr(created_at, 21), '0123456789') = 'Z'
            )
        ),
    approved_at TEXT -- ISO-8601 UTC
        CHECK (
            approved_at IS NULL
            OR strftime('%Y-%m-%dT%H:%M:%S', substr(approved_at, 1, 19), '+0 days') IS substr(approved_at, 1, 19)
            AND (
                substr(approved_at, 20) = 'Z'
                OR substr(approved_at, 20, 2) GLOB '.[0-9]'
                AND ltrim(substr(approved_at, 21), '0123456789') = 'Z'
            )
        ),
    completed_at TEXT -- ISO-8601 UTC
        CHECK (
            completed_at IS NULL
            OR strftime('%Y-%m-%dT%H:%M:%S', substr(completed_at, 1, 19), '+0 days') IS substr(completed_at, 1, 19)
            AND (
                substr(completed_at, 20) = 'Z'
                OR substr(completed_at, 20, 2) GLOB '.[0-9]'
                AND ltrim(substr(completed_at, 21), '0123456789') = 'Z'
            )
        ),
    estimated_resources TEXT CHECK (estimated_resources IS NULL OR json_valid(estimated_resources)), -- JSON
    actual_resources TEXT CHECK (actual_resources IS NULL OR json_valid(actual_resources)), -- JSON
    external_ai_used TEXT CHECK (external_ai_used IS NULL OR json_valid(external_ai_used)), -- JSON: model, tokens, cost
    error_message TEXT
);

CREATE INDEX idx_tasks_created_at ON tasks (created_at);
CREATE INDEX idx_tasks_status ON tasks (status);

-- The log of a task, step by step; it goes with its task.
CREATE TABLE execution_logs (
    log_id TEXT NOT NULL PRIMARY KEY -- UUID
        CHECK (
            log_id GLOB '????????-????-????-????-????????????'
            AND length(replace(log_id, '-', '')) = 32
            AND replace(log_id, '-', '') NOT GLOB '*[^0-9a-f]*'
        ),
    task_id TEXT REFERENCES tasks (task_id) ON DELETE CASCADE, -- UUID
    step_number INTEGER NOT NULL CHECK (typeof(step_number) = 'integer'),
    agent_type TEXT CHECK (agent_type IN ('orchestrator', 'infra', 'desktop', 'code', 'research')),
    -- 'orchestrator' | 'infra' | 'desktop' | 'code' | 'research'
    action TEXT NOT NULL,
    status TEXT CHECK (status IN ('running', 'completed', 'failed')), -- 'running' | 'completed' | 'failed'
    output_summary TEXT CHECK (length(output_summary) <= 500),
    output_full TEXT CHECK (output_full IS NULL OR json_valid(output_full)), -- JSON
    timestamp TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) -- ISO-8601 UTC
        CHECK (
            timestamp IS NULL
            OR strftime('%Y-%m-%dT%H:%M:%S', substr(timestamp, 1, 19), '+0 days') IS substr(timestamp, 1, 19)
            AND (
                substr(timestamp, 20) = 'Z'
                OR substr(timestamp, 20, 2) GLOB '.[0-9]'
                AND ltrim(substr(timestamp, 21), '0123456789') = 'Z'
            )
        ),
    duration_ms INTEGER CHECK (typeof(duration_ms) IN ('integer', 'null'))
);

CREATE INDEX idx_execution_logs_task_id ON execution_logs (task_id);
