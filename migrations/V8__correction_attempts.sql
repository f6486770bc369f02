-- Attempts to correct a decision that turned out wrong. Like decisions they are a record: no ON DELETE.
CREATE TABLE correction_attempts (
    correction_attempt_id TEXT NOT NULL PRIMARY KEY,
    plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id),
    original_decision_id TEXT NOT NULL REFERENCES decisions (decision_id),
    -- NULL until the correction has led to a decision.
    new_decision_id TEXT REFERENCES decisions (decision_id),
    mode TEXT NOT NULL CHECK (mode IN ('revert', 'append')),
    guidance TEXT NOT NULL,
    archived_artifacts_path TEXT,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'executing', 'complete', 'failed')),
    created_at TEXT NOT NULL,
    completed_at TEXT
);

CREATE INDEX idx_corrections_plan ON correction_attempts (plan_id);
CREATE INDEX idx_corrections_original_decision ON correction_attempts (original_decision_id);
CREATE INDEX idx_corrections_new_decision ON correction_attempts (new_decision_id);
