-- Cannot restore: what these columns held.
ALTER TABLE v3_plans DROP COLUMN decision_root_id;
ALTER TABLE v3_plans DROP COLUMN validation_summary_json;
ALTER TABLE v3_plans DROP COLUMN sandbox_refs_json;
ALTER TABLE v3_plans DROP COLUMN changeset_id;
