-- Where a plan's work is done and what became of it. Each column may be NULL. The spec has no default for any of them;
-- validation_summary_json got one all the same, which V7 takes away.
ALTER TABLE v3_plans ADD COLUMN changeset_id TEXT;
ALTER TABLE v3_plans ADD COLUMN sandbox_refs_json TEXT;
ALTER TABLE v3_plans ADD COLUMN validation_summary_json TEXT DEFAULT '{}';
-- No foreign key: decisions refer to plans already, and with a ring of foreign keys neither table could be loaded
-- before the other.
ALTER TABLE v3_plans ADD COLUMN decision_root_id TEXT;
