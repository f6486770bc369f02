-- given
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', '01KC7V93RGX1ZQW74EKA18WP0M', 'local/a', 'local', 'queued',
        '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z'),
       ('01KC7VAZN98YJE6AZEE3RWRTFB', '01KC7VAZN98YJE6AZEE3RWRTFB', 'local/b', 'local', 'queued',
        '2025-07-01T10:00:01Z', '2025-07-01T10:00:01Z');

-- then
-- expect: 0 rows
INSERT INTO plan_projects (plan_id, project_name, alias, created_at)
VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', 'web', 'frontend', '2025-07-01T10:01:00Z'),
       ('01KC7VAZN98YJE6AZEE3RWRTFB', 'web', NULL, '2025-07-01T10:01:00Z');
-- expect: 0 rows
INSERT INTO plan_arguments (plan_id, name, value_json, value_type, position)
VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', 'coverage', '80.0', 'float', 0),
       ('01KC7VAZN98YJE6AZEE3RWRTFB', 'coverage', '90.0', 'float', 0);
-- expect: 0 rows
INSERT INTO plan_invariants (plan_id, invariant_text, source_scope, position, created_at)
VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', 'the API stays as it is', 'plan', 0, '2025-07-01T10:01:00Z'),
       ('01KC7V93RGX1ZQW74EKA18WP0M', 'no secrets in logs', 'global', NULL, '2025-07-01T10:01:00Z'),
       ('01KC7VAZN98YJE6AZEE3RWRTFB', 'no secrets in logs', 'project', NULL, '2025-07-01T10:01:00Z');
-- expect error: UNIQUE
INSERT INTO plan_projects (plan_id, project_name, created_at)
VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', 'web', '2025-07-01T10:02:00Z');
-- expect error: UNIQUE
INSERT INTO plan_arguments (plan_id, name, position) VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', 'coverage', 1);
-- expect error: UNIQUE
INSERT INTO plan_invariants (plan_id, invariant_text, source_scope, created_at)
VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', 'no secrets in logs', 'action', '2025-07-01T10:02:00Z');
-- expect error: CHECK
INSERT INTO plan_invariants (plan_id, invariant_text, source_scope, created_at)
VALUES ('01KC7V93RGX1ZQW74EKA18WP0M', 'be quick', 'team', '2025-07-01T10:02:00Z');
-- expect error: FOREIGN KEY
INSERT INTO plan_projects (plan_id, project_name, created_at)
VALUES ('01KC7VCVJ26WGCGBWHRNPDVVWC', 'web', '2025-07-01T10:02:00Z');
-- The parts go with their plan, and no other plan's.
-- expect: 0 rows
DELETE FROM v3_plans WHERE plan_id = '01KC7V93RGX1ZQW74EKA18WP0M';
-- expect: projects | 01KC7VAZN98YJE6AZEE3RWRTFB
-- expect: arguments | 01KC7VAZN98YJE6AZEE3RWRTFB
-- expect: invariants | 01KC7VAZN98YJE6AZEE3RWRTFB
SELECT 'projects', plan_id FROM plan_projects
UNION ALL SELECT 'arguments', plan_id FROM plan_arguments
UNION ALL SELECT 'invariants', plan_id FROM plan_invariants;

-- after down
-- expect: 0 rows
SELECT name FROM sqlite_schema WHERE tbl_name IN ('plan_projects', 'plan_arguments', 'plan_invariants');
-- expect: 01KC7VAZN98YJE6AZEE3RWRTFB
SELECT plan_id FROM v3_plans;
