-- The decisions that were taken for a plan, as a tree. They are the record of why a plan is as it is, so nothing that
-- is still recorded can be swept away with its plan or its parent: no ON DELETE.
CREATE TABLE decisions (
    decision_id TEXT NOT NULL PRIMARY KEY,
    plan_id TEXT NOT NULL REFERENCES v3_plans (plan_id),
    parent_decision_id TEXT REFERENCES decisions (decision_id),
    kind TEXT NOT NULL,
    question TEXT NOT NULL,
    chosen_option TEXT,
    rationale TEXT,
    created_at TEXT NOT NULL,
    superseded_at TEXT
);

CREATE INDEX idx_decisions_plan ON decisions (plan_id);
CREATE INDEX idx_decisions_parent ON decisions (parent_decision_id);
