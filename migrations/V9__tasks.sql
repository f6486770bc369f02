-- Tasks and the log of their steps. The pair was designed on PostgreSQL, whose types refuse what is no UUID, JSONB,
-- TIMESTAMP or INTEGER. SQLite's TEXT takes anything, so CHECKs stand in for the types:
--
--   UUID       its canonical spelling only, in lower case: two spellings of one id would be two texts, and no join
--              or foreign key would see that they are the same
--   TIMESTAMP  a day and time that exist, YYYY-MM-DDTHH:MM:SS, perhaps a fraction, and Z: one spelling, so that text
--              sorts and compares as time does. '+0 days' makes older SQLite count the date out, as newer ones do by
--              themselves: 30 February comes out as 2 March, which is not what was written
--   INTEGER    what is stored is an integer; the column's affinity alone lets other text pass
--
-- Where NULL is not allowed, NOT NULL says so; a CHECK lets it pass. json_valid(NULL) is 0 in older SQLite and
-- NULL in newer ones, so the CHECKs on JSON name it.
CREATE TABLE tasks (
    task_id TEXT NOT NULL PRIMARY KEY
        CHECK (
            task_id GLOB '????????-????-????-????-????????????'
            AND length(replace(task_id, '-', '')) = 32
            AND replace(task_id, '-', '') NOT GLOB '*[^0-9a-f]*'
        ),
    project_id TEXT,
    request_text TEXT NOT NULL,
    created_by TEXT,
    status TEXT DEFAULT 'pending'
        CHECK (status IN ('pending', 'approved', 'executing', 'completed', 'failed', 'rejected')),
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        CHECK (
            created_at IS NULL
            OR strftime('%Y-%m-%dT%H:%M:%S', substr(created_at, 1, 19), '+0 days') IS substr(created_at, 1, 19)
            AND (
                substr(created_at, 20) = 'Z'
                OR substr(created_at, 20, 2) GLOB '.[0-9]'
                AND ltrim(substr(created_at, 21), '0123456789') = 'Z'
            )
        ),
    approved_at TEXT
        CHECK (
            approved_at IS NULL
            OR strftime('%Y-%m-%dT%H:%M:%S', substr(approved_at, 1, 19), '+0 days') IS substr(approved_at, 1, 19)
            AND (
                substr(approved_at, 20) = 'Z'
                OR substr(approved_at, 20, 2) GLOB '.[0-9]'
                AND ltrim(substr(approved_at, 21), '0123456789') = 'Z'
            )
        ),
    completed_at TEXT
        CHECK (
            completed_at IS NULL
            OR strftime('%Y-%m-%dT%H:%M:%S', substr(completed_at, 1, 19), '+0 days') IS substr(completed_at, 1, 19)
            AND (
                substr(completed_at, 20) = 'Z'
                OR substr(completed_at, 20, 2) GLOB '.[0-9]'
                AND ltrim(substr(completed_at, 21), '0123456789') = 'Z'
            )
        ),
    estimated_resources TEXT CHECK (estimated_resources IS NULL OR json_valid(estimated_resources)),
    actual_resources TEXT CHECK (actual_resources IS NULL OR json_valid(actual_resources)),
    external_ai_used TEXT CHECK (external_ai_used IS NULL OR json_valid(external_ai_used)),
    error_message TEXT
);

CREATE INDEX idx_tasks_created_at ON tasks (created_at);
CREATE INDEX idx_tasks_status ON tasks (status);

CREATE TABLE execution_logs (
    log_id TEXT NOT NULL PRIMARY KEY
        CHECK (
            log_id GLOB '????????-????-????-????-????????????'
            AND length(replace(log_id, '-', '')) = 32
            AND replace(log_id, '-', '') NOT GLOB '*[^0-9a-f]*'
        ),
    -- Its shape needs no CHECK: the foreign key compares it with one that has.
    task_id TEXT REFERENCES tasks (task_id) ON DELETE CASCADE,
    step_number INTEGER NOT NULL CHECK (typeof(step_number) = 'integer'),
    agent_type TEXT CHECK (agent_type IN ('orchestrator', 'infra', 'desktop', 'code', 'research')),
    action TEXT NOT NULL,
    status TEXT CHECK (status IN ('running', 'completed', 'failed')),
    output_summary TEXT CHECK (length(output_summary) <= 500),
    output_full TEXT CHECK (output_full IS NULL OR json_valid(output_full)),
    timestamp TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
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
