-- Sample rows for the plan database: `planctl sample load` puts them into a database that all migrations have been
-- applied to, in one transaction. Names are the live ones (deviations.toml says where the spec has another).
--
-- The rows are the same every time: nothing here asks for the date. They cover the 40 days up to
-- 2026-11-20T12:00:00Z; give a report that as its `now`, and its answer stays the same, too. Every row keeps what
-- ddl.sql promises (`planctl audit --data`).

-- actions: what plans are made from; one is archived

INSERT INTO actions (namespaced_name, namespace, name, strategy_actor, execution_actor, review_actor, apply_actor,
    estimation_actor, invariant_actor, state, description, long_description, definition_of_done, automation_profile,
    reusable, read_only, inputs_schema_json, tags_json, created_by, created_at, updated_at)
VALUES
    ('build/release', 'build', 'release', 'planner', 'coder', 'reviewer', 'deployer', 'estimator', 'guard',
        'available', 'Builds and publishes a release',
        'Tags the commit, builds each target, runs the tests, and publishes what passed.',
        'The release can be downloaded and its checksums are right', 'balanced', 1, 0,
        '{"type":"object","required":["version"],"properties":{"version":{"type":"string"}}}', '["release","ci"]',
        'ada', '2026-10-11T08:00:00Z', '2026-10-28T10:15:00Z'),
    ('data/import', 'data', 'import', 'planner', 'loader', NULL, NULL, NULL, 'guard', 'available',
        'Loads a delivery of rows', NULL, 'Every row is loaded or named in the report', 'careful', 1, 0,
        '{"type":"object"}', '["data"]', 'grace', '2026-10-11T08:05:00Z', '2026-10-11T08:05:00Z'),
    ('ops/inspect', 'ops', 'inspect', NULL, 'watcher', NULL, NULL, NULL, NULL, 'available',
        'Looks at a host and changes nothing', NULL, 'The findings are written down', NULL, 1, 1, NULL, '[]', 'grace',
        '2026-10-12T14:30:00Z', '2026-10-12T14:30:00Z'),
    ('ops/reboot', 'ops', 'reboot', NULL, 'operator', 'reviewer', NULL, NULL, NULL, 'archived',
        'Restarts a host; replaced by ops/inspect and a hand on the switch', NULL, NULL, 'manual', 0, 0, NULL, NULL,
        NULL, '2026-10-11T08:10:00Z', '2026-10-12T14:31:00Z');

INSERT INTO action_invariants (action_name, invariant_text, position, created_at)
VALUES
    ('build/release', 'No release without a green test run', 1, '2026-10-11T08:00:00Z'),
    ('build/release', 'A published version is never changed', 2, '2026-10-11T08:00:00Z'),
    ('data/import', 'A row that is refused is kept', 1, '2026-10-11T08:05:00Z'),
    ('ops/inspect', 'Nothing on the host changes', 1, '2026-10-12T14:30:00Z');

-- each type of argument, with and without bounds
INSERT INTO action_arguments (action_name, name, arg_type, requirement, description, default_value_json, min_value,
    max_value, validation_pattern, position)
VALUES
    ('build/release', 'version', 'string', 'required', 'Version to publish', NULL, NULL, NULL, '^\d+\.\d+\.\d+$', 1),
    ('build/release', 'jobs', 'integer', 'optional', 'Builds at one time', '4', 1, 64, NULL, 2),
    ('build/release', 'targets', 'list', 'optional', 'Platforms to build for', '["linux","macos"]', NULL, NULL, NULL,
        3),
    ('data/import', 'tolerance', 'float', 'optional', 'Share of rows that may be refused', '0.01', 0, 0.5, NULL, 1),
    ('data/import', 'dry_run', 'boolean', 'optional', 'Read and check, load nothing', 'false', NULL, NULL, NULL, 2);

-- plans: six hierarchies, each phase and each state; the first is four levels deep

INSERT INTO v3_plans (plan_id, parent_plan_id, root_plan_id, attempt, namespaced_name, namespace, description,
    definition_of_done, phase, processing_state, strategize_started_at, execute_started_at, apply_started_at,
    created_at, updated_at, completed_at, applied_at, action_name, automation_profile, effective_profile_snapshot,
    created_by, tags_json)
VALUES
    -- a release that is done: root, three children, two grandchildren, one below them
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', NULL, '01M4QNE6M0GKK9BFA4FSRR9N2M', 1, 'build/release-1.4', 'build', 'Release 1.4',
        'Version 1.4.0 can be downloaded', 'applied', 'complete', '2026-10-12T09:00:10Z', '2026-10-12T09:30:00Z',
        '2026-10-12T15:00:00Z', '2026-10-12T09:00:00Z', '2026-10-12T15:20:00Z', '2026-10-12T15:20:00Z',
        '2026-10-12T15:20:00Z', 'build/release', '{"profile_name":"balanced","provenance":"action"}',
        '{"profile_name":"balanced","review":true,"max_attempts":3}', 'ada', '["release"]'),
    ('01M4QQ6Z10Q024PBA53HHFEHNM', '01M4QNE6M0GKK9BFA4FSRR9N2M', '01M4QNE6M0GKK9BFA4FSRR9N2M', 1,
        'build/release-1.4-linux', 'build', 'Build for Linux', NULL, 'applied', 'complete', '2026-10-12T09:31:05Z',
        '2026-10-12T09:35:00Z', '2026-10-12T11:00:00Z', '2026-10-12T09:31:00Z', '2026-10-12T11:05:00Z',
        '2026-10-12T11:05:00Z', '2026-10-12T11:05:00Z', 'build/release', 'balanced', '{"profile_name":"balanced"}',
        'ada', NULL),
    ('01M4QQ70084ECVC7KBMMV84KEP', '01M4QNE6M0GKK9BFA4FSRR9N2M', '01M4QNE6M0GKK9BFA4FSRR9N2M', 2,
        'build/release-1.4-macos', 'build', 'Build for macOS', NULL, 'applied', 'complete', '2026-10-12T09:31:06Z',
        '2026-10-12T09:36:00Z', '2026-10-12T13:40:00Z', '2026-10-12T09:31:01Z', '2026-10-12T13:45:00Z',
        '2026-10-12T13:45:00Z', '2026-10-12T13:45:00Z', 'build/release', 'balanced', '{"profile_name":"balanced"}',
        'ada', NULL),
    ('01M4QQ70ZGXHX1PAX0DDNE2B4Q', '01M4QNE6M0GKK9BFA4FSRR9N2M', '01M4QNE6M0GKK9BFA4FSRR9N2M', 1,
        'build/release-1.4-notes', 'build', 'Write the release notes', NULL, 'apply', 'cancelled',
        '2026-10-12T09:31:07Z', '2026-10-12T09:40:00Z', '2026-10-12T10:00:00Z', '2026-10-12T09:31:02Z',
        '2026-10-12T14:00:00Z', NULL, NULL, NULL, 'balanced', '{}', 'ada', NULL),
    ('01M4QRW2804946S951N7TV37VH', '01M4QQ70084ECVC7KBMMV84KEP', '01M4QNE6M0GKK9BFA4FSRR9N2M', 1,
        'build/release-1.4-macos-sign', 'build', 'Sign the macOS build', NULL, 'applied', 'complete',
        '2026-10-12T10:00:02Z', '2026-10-12T10:02:00Z', '2026-10-12T12:00:00Z', '2026-10-12T10:00:00Z',
        '2026-10-12T13:30:00Z', '2026-10-12T13:30:00Z', '2026-10-12T13:30:00Z', NULL, 'balanced', '{}', 'ada', NULL),
    ('01M4QRWZHG9W7J0MQ55FE3DZ4G', '01M4QQ70084ECVC7KBMMV84KEP', '01M4QNE6M0GKK9BFA4FSRR9N2M', 1,
        'build/release-1.4-macos-test', 'build', 'Test the macOS build', NULL, 'applied', 'complete',
        '2026-10-12T10:00:32Z', '2026-10-12T10:03:00Z', '2026-10-12T12:10:00Z', '2026-10-12T10:00:30Z',
        '2026-10-12T13:10:00Z', '2026-10-12T13:10:00Z', '2026-10-12T13:10:00Z', NULL, 'balanced', '{}', 'ada', NULL),
    ('01M4QTK020EY7EA05XVWVV00R7', '01M4QRW2804946S951N7TV37VH', '01M4QNE6M0GKK9BFA4FSRR9N2M', 1,
        'build/release-1.4-macos-certificate', 'build', 'Renew the certificate', NULL, 'applied', 'complete',
        '2026-10-12T10:30:01Z', '2026-10-12T10:31:00Z', '2026-10-12T11:00:00Z', '2026-10-12T10:30:00Z',
        '2026-10-12T11:30:00Z', '2026-10-12T11:30:00Z', '2026-10-12T11:30:00Z', NULL, 'manual',
        '{"profile_name":"manual"}', 'grace', NULL),
    -- an import that is under way: root, two children, one grandchild
    ('01M7M8A700AJJXMBP00DF0W56A', NULL, '01M7M8A700AJJXMBP00DF0W56A', 1, 'data/import-november', 'data',
        'Import the November delivery', 'All files are loaded', 'execute', 'processing', '2026-11-17T08:00:05Z',
        '2026-11-17T08:20:00Z', NULL, '2026-11-17T08:00:00Z', '2026-11-20T10:05:00Z', NULL, NULL, 'data/import',
        '{"profile_name":"careful","provenance":"plan"}', '{"profile_name":"careful","review":true}', 'grace',
        '["data","monthly"]'),
    ('01M7M9GNF0N12SAEJHAGM1Z9QN', '01M7M8A700AJJXMBP00DF0W56A', '01M7M8A700AJJXMBP00DF0W56A', 3,
        'data/import-november-orders', 'data', 'Import the orders', NULL, 'execute', 'errored',
        '2026-11-17T08:21:02Z', '2026-11-17T08:25:00Z', NULL, '2026-11-17T08:21:00Z', '2026-11-17T18:20:30Z', NULL,
        NULL, 'data/import', 'careful', '{"profile_name":"careful"}', 'grace', NULL),
    ('01M7M9GPE82TD4S0YF7E60MW57', '01M7M8A700AJJXMBP00DF0W56A', '01M7M8A700AJJXMBP00DF0W56A', 1,
        'data/import-november-customers', 'data', 'Import the customers', NULL, 'apply', 'queued',
        '2026-11-17T08:21:03Z', '2026-11-17T08:26:00Z', NULL, '2026-11-17T08:21:01Z', '2026-11-17T16:00:00Z', NULL,
        NULL, 'data/import', 'careful', '{"profile_name":"careful"}', 'grace', NULL),
    ('01M7NCBS203Q00VCRQV568XQX3', '01M7M9GNF0N12SAEJHAGM1Z9QN', '01M7M8A700AJJXMBP00DF0W56A', 1,
        'data/import-november-orders-repair', 'data', 'Repair the refused orders', NULL, 'strategize', 'processing',
        '2026-11-17T18:30:04Z', NULL, NULL, '2026-11-17T18:30:00Z', '2026-11-18T07:00:00Z', NULL, NULL, NULL,
        'manual', '{"profile_name":"manual"}', 'grace', NULL),
    -- an inspection and its one child
    ('01M78NGZG0JED5H3QVSTVHXNWA', NULL, '01M78NGZG0JED5H3QVSTVHXNWA', 1, 'ops/inspect-db1', 'ops',
        'Look at host db1', NULL, 'execute', 'errored', '2026-11-12T20:00:01Z', '2026-11-12T20:05:00Z', NULL,
        '2026-11-12T20:00:00Z', '2026-11-13T11:59:59Z', NULL, NULL, 'ops/inspect', 'balanced', '{}', 'grace', NULL),
    ('01M78NVZ20CV0WGPCGTBM49HV2', '01M78NGZG0JED5H3QVSTVHXNWA', '01M78NGZG0JED5H3QVSTVHXNWA', 1,
        'ops/inspect-db1-disk', 'ops', 'Look at its disk', NULL, 'strategize', 'cancelled', '2026-11-12T20:06:02Z',
        NULL, NULL, '2026-11-12T20:06:00Z', '2026-11-13T12:00:00Z', NULL, NULL, 'ops/inspect', 'balanced', '{}',
        'grace', NULL),
    -- three that stand alone: decided against, waiting, and not yet begun
    ('01M6E5GR40C3P515Y081F5E7NA', NULL, '01M6E5GR40C3P515Y081F5E7NA', 1, 'ops/reboot-db1', 'ops', 'Restart host db1',
        NULL, 'action', 'cancelled', NULL, NULL, NULL, '2026-11-02T13:00:00Z', '2026-11-02T13:45:00Z', NULL, NULL,
        'ops/reboot', 'manual', '{"profile_name":"manual"}', NULL, NULL),
    ('01M7T54PC0BSE5VXQR2YR9JAYF', NULL, '01M7T54PC0BSE5VXQR2YR9JAYF', 1, 'build/release-1.5', 'build', 'Release 1.5',
        'Version 1.5.0 can be downloaded', 'strategize', 'queued', NULL, NULL, NULL, '2026-11-19T15:00:00Z',
        '2026-11-19T15:00:00Z', NULL, NULL, 'build/release', '{"profile_name":"balanced","provenance":"action"}',
        '{"profile_name":"balanced","review":true,"max_attempts":3}', 'ada', '["release"]'),
    ('01M7WBGWP0HGZWDAA2TC1ZGK28', NULL, '01M7WBGWP0HGZWDAA2TC1ZGK28', 1, 'data/import-december', 'data',
        'Import the December delivery', NULL, 'action', 'queued', NULL, NULL, NULL, '2026-11-20T11:30:00Z',
        '2026-11-20T11:30:00Z', NULL, NULL, 'data/import', 'balanced', '{}', 'grace', NULL);

UPDATE v3_plans
SET strategy_actor = 'planner', execution_actor = 'loader', invariant_actor = 'guard', estimation_actor = 'estimator',
    review_actor = 'reviewer', apply_actor = 'loader', inputs_schema_json = '{"type":"object"}',
    changeset_id = 'import-2026-11', sandbox_refs_json = '["sandbox/import-2026-11"]',
    validation_summary_json = '{"checked":18250,"refused":412}', decision_root_id = '01M7M8WGY0B9K3VAERR2BD73ZN'
WHERE plan_id = '01M7M8A700AJJXMBP00DF0W56A';

UPDATE v3_plans
SET error_message = 'refused 412 of 18250 rows, more than the tolerance of 0.01',
    error_details_json = '{"kind":"tolerance","refused":412,"rows":18250}'
WHERE plan_id = '01M7M9GNF0N12SAEJHAGM1Z9QN';

UPDATE v3_plans
SET error_message = 'no answer from db1 in 30 s', error_details_json = '{"kind":"timeout","host":"db1","seconds":30}',
    read_only = 1
WHERE plan_id = '01M78NGZG0JED5H3QVSTVHXNWA';

INSERT INTO plan_projects (plan_id, project_name, alias, read_only, created_at)
VALUES
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'shop', NULL, 0, '2026-10-12T09:00:00Z'),
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'website', 'downloads', 0, '2026-10-12T09:00:00Z'),
    ('01M7M8A700AJJXMBP00DF0W56A', 'warehouse', NULL, 0, '2026-11-17T08:00:00Z'),
    ('01M7M8A700AJJXMBP00DF0W56A', 'shop', 'source', 1, '2026-11-17T08:00:00Z'),
    ('01M78NGZG0JED5H3QVSTVHXNWA', 'hosts', NULL, 1, '2026-11-12T20:00:00Z'),
    ('01M7T54PC0BSE5VXQR2YR9JAYF', 'shop', NULL, 0, '2026-11-19T15:00:00Z');

INSERT INTO plan_arguments (plan_id, name, value_json, value_type, position)
VALUES
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'version', '"1.4.0"', 'string', 1),
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'jobs', '8', 'integer', 2),
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'targets', '["linux","macos"]', 'list', 3),
    ('01M7M8A700AJJXMBP00DF0W56A', 'tolerance', '0.01', 'float', 1),
    ('01M7M8A700AJJXMBP00DF0W56A', 'dry_run', 'false', 'boolean', 2),
    ('01M7T54PC0BSE5VXQR2YR9JAYF', 'version', '"1.5.0"', 'string', 1);

-- each scope that an invariant can come from; a scope that does not order its invariants gives no position
INSERT INTO plan_invariants (plan_id, invariant_text, source_scope, position, created_at)
VALUES
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'No release without a green test run', 'action', 1, '2026-10-12T09:00:00Z'),
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'A published version is never changed', 'action', 2, '2026-10-12T09:00:00Z'),
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'The download page names the checksums', 'project', 3, '2026-10-12T09:00:00Z'),
    ('01M4QNE6M0GKK9BFA4FSRR9N2M', 'Secrets stay out of logs', 'global', NULL, '2026-10-12T09:00:00Z'),
    ('01M7M8A700AJJXMBP00DF0W56A', 'A row that is refused is kept', 'action', 1, '2026-11-17T08:00:00Z'),
    ('01M7M8A700AJJXMBP00DF0W56A', 'Orders before 2026-11-01 are left alone', 'plan', 2, '2026-11-17T08:00:00Z');

-- decisions, and the attempts to correct them: each mode and each state

INSERT INTO decisions (decision_id, plan_id, parent_decision_id, kind, question, chosen_option, rationale, created_at,
    superseded_at)
VALUES
    ('01M4QP0GJ0FV06XP8Z5RXFKWRC', '01M4QNE6M0GKK9BFA4FSRR9N2M', NULL, 'strategy', 'Which platforms?',
        'Linux and macOS', 'Nobody has asked for a third', '2026-10-12T09:10:00Z', NULL),
    ('01M4QT0P40DFMVN8MHKG6YV5XV', '01M4QQ70084ECVC7KBMMV84KEP', '01M4QP0GJ0FV06XP8Z5RXFKWRC', 'strategy',
        'Sign with the old certificate?', 'yes', 'It is valid until December', '2026-10-12T10:20:00Z',
        '2026-10-12T10:29:00Z'),
    ('01M4QTH5F0KKJ0PHR2T9F0BJCG', '01M4QQ70084ECVC7KBMMV84KEP', '01M4QP0GJ0FV06XP8Z5RXFKWRC', 'strategy',
        'Sign with the old certificate?', 'no, renew it', 'It was revoked', '2026-10-12T10:29:00Z', NULL),
    ('01M7M8WGY0B9K3VAERR2BD73ZN', '01M7M8A700AJJXMBP00DF0W56A', NULL, 'strategy', 'One import or one per table?',
        'one per table', 'A table that fails does not stop the others', '2026-11-17T08:10:00Z', NULL),
    ('01M7MBR2M0GRN8A6ZC3VF2EE3W', '01M7M9GNF0N12SAEJHAGM1Z9QN', '01M7M8WGY0B9K3VAERR2BD73ZN', 'execution',
        'What of rows without a customer?', 'refuse them', NULL, '2026-11-17T09:00:00Z', '2026-11-17T12:00:00Z'),
    ('01M7MP1NG0FB2X8E0NA58D01W7', '01M7M9GNF0N12SAEJHAGM1Z9QN', '01M7M8WGY0B9K3VAERR2BD73ZN', 'execution',
        'What of rows without a customer?', 'load them under a customer of their own',
        'The refused rows are more than the tolerance', '2026-11-17T12:00:00Z', NULL),
    ('01M78NR9W0ZJ07N3CWSNTR4CMZ', '01M78NGZG0JED5H3QVSTVHXNWA', NULL, 'estimate', 'How long may it take?', NULL,
        NULL, '2026-11-12T20:04:00Z', NULL);

INSERT INTO correction_attempts (correction_attempt_id, plan_id, original_decision_id, new_decision_id, mode,
    guidance, archived_artifacts_path, state, created_at, completed_at)
VALUES
    ('01M4QT9V30CW64BMMC0SH0C0Q0', '01M4QQ70084ECVC7KBMMV84KEP', '01M4QT0P40DFMVN8MHKG6YV5XV',
        '01M4QTH5F0KKJ0PHR2T9F0BJCG', 'revert', 'The certificate was revoked: sign again with a new one',
        'archive/release-1.4-macos', 'complete', '2026-10-12T10:25:00Z', '2026-10-12T10:29:00Z'),
    ('01M7MJKSW003H5XPKY8THRDH57', '01M7M9GNF0N12SAEJHAGM1Z9QN', '01M7MBR2M0GRN8A6ZC3VF2EE3W', NULL, 'revert',
        'Ask the customers table first', NULL, 'failed', '2026-11-17T11:00:00Z', '2026-11-17T11:20:00Z'),
    ('01M7MMAQP0QBQ96TVTRAYE3JSM', '01M7M9GNF0N12SAEJHAGM1Z9QN', '01M7MBR2M0GRN8A6ZC3VF2EE3W',
        '01M7MP1NG0FB2X8E0NA58D01W7', 'append', 'Keep what is loaded, load the rest under a customer of their own',
        NULL, 'complete', '2026-11-17T11:30:00Z', '2026-11-17T12:00:00Z'),
    ('01M7PY4SM017ZQB4NRKZWH1NMA', '01M7M9GNF0N12SAEJHAGM1Z9QN', '01M7MP1NG0FB2X8E0NA58D01W7', NULL, 'append',
        'Name the rows that were refused', NULL, 'executing', '2026-11-18T09:00:00Z', NULL),
    ('01M7W9SYW0N764XBVDC6239PCW', '01M78NGZG0JED5H3QVSTVHXNWA', '01M78NR9W0ZJ07N3CWSNTR4CMZ', NULL, 'append',
        'Give it a minute', NULL, 'pending', '2026-11-20T11:00:00Z', NULL);

-- tasks: each status. completed_at is the end of the work, whether it went well or not. Cost is in US dollars.

INSERT INTO tasks (task_id, project_id, request_text, created_by, status, created_at, approved_at, completed_at,
    estimated_resources, actual_resources, external_ai_used, error_message)
VALUES
    -- done before the last 30 days
    ('944782d7-3418-42c5-9b24-10a6f0ae1284', 'shop', 'Publish release 1.4', 'ada', 'completed',
        '2026-10-12T08:50:00Z', '2026-10-12T09:00:00Z', '2026-10-12T15:20:00Z',
        '{"cpu_seconds":3600,"memory_mb":2048,"disk_mb":5000}',
        '{"cpu_seconds":4210.5,"memory_mb":1875,"disk_mb":5321}', '{"model":"opus","tokens":48000,"cost":1.44}',
        NULL),
    -- refused by the one who was asked
    ('101379c7-d2ab-4d67-8074-a6442ba33d67', 'hosts', 'Restart host db1', NULL, 'rejected', '2026-11-02T13:00:00Z',
        NULL, NULL, '{"cpu_seconds":5,"memory_mb":16,"disk_mb":0}', NULL, NULL, NULL),
    -- failed one second before the last 7 days
    ('543bcfbb-c9f2-4a8a-9ecf-958027801375', 'hosts', 'Find out why db1 is slow', 'grace', 'failed',
        '2026-11-12T19:45:00Z', '2026-11-12T20:00:00Z', '2026-11-13T11:59:59Z',
        '{"cpu_seconds":60,"memory_mb":128,"disk_mb":10}', '{"cpu_seconds":12.25,"memory_mb":96,"disk_mb":2}',
        '{"model":"haiku","tokens":9000,"cost":0.009}', 'no answer from db1 in 30 s'),
    -- on 2026-11-17 one ends well and one does not
    ('6d84cc79-5636-4be9-b859-93a74865d3ee', 'website', 'Put the checksums on the download page', 'ada', 'completed',
        '2026-11-17T07:00:00.125Z', '2026-11-17T07:30:00.500Z', '2026-11-17T09:15:00.500Z',
        '{"cpu_seconds":120,"memory_mb":512,"disk_mb":50}', '{"cpu_seconds":95,"memory_mb":410,"disk_mb":35}',
        '{"model":"sonnet","tokens":15500,"cost":0.0775}', NULL),
    ('fe2fbd72-0bdc-45d3-860b-ed79214119cf', 'warehouse', 'Import the orders of November', 'grace', 'failed',
        '2026-11-17T07:45:00Z', '2026-11-17T08:20:00Z', '2026-11-17T18:20:30Z',
        '{"cpu_seconds":900,"memory_mb":1024,"disk_mb":2000}',
        '{"cpu_seconds":1534.75,"memory_mb":2210,"disk_mb":1830}', '{"model":"sonnet","tokens":62500,"cost":0.3125}',
        'refused 412 of 18250 rows, more than the tolerance of 0.01'),
    -- approved, not begun
    ('04948682-4233-4b55-bff9-59b7c7fda173', 'shop', 'Publish release 1.5', 'ada', 'approved', '2026-11-19T14:50:00Z',
        '2026-11-19T15:00:00Z', NULL, '{"cpu_seconds":3600,"memory_mb":2048,"disk_mb":5000}', NULL, NULL, NULL),
    -- at work for two hours
    ('2ccd5f71-12fc-4e59-b1e9-f4fd46b1f9d2', 'warehouse', 'Import the customers of November', 'grace', 'executing',
        '2026-11-20T09:40:00Z', '2026-11-20T10:00:00Z', NULL, '{"cpu_seconds":600,"memory_mb":1024,"disk_mb":1500}',
        NULL, '{"model":"haiku","tokens":3000,"cost":0.003}', NULL),
    -- waits for an answer
    ('1404cd3a-ec32-4b3b-837b-1bf3b938eca4', 'warehouse', 'Import the December delivery', 'grace', 'pending',
        '2026-11-20T11:30:00Z', NULL, NULL, NULL, NULL, NULL, NULL);

-- the steps of those that were begun: each type of agent, each status; what failed was tried again, once with success

INSERT INTO execution_logs (log_id, task_id, step_number, agent_type, action, status, output_summary, output_full,
    timestamp, duration_ms)
VALUES
    ('603ae5da-4663-4a99-a910-fc8d0f06e36b', '944782d7-3418-42c5-9b24-10a6f0ae1284', 1, 'orchestrator', 'plan',
        'completed', 'Two platforms, five steps', '{"platforms":["linux","macos"]}', '2026-10-12T09:00:00Z', 4000),
    ('d4ae6af5-fb68-4b68-bda0-39233dde8fcb', '944782d7-3418-42c5-9b24-10a6f0ae1284', 2, 'code', 'build linux',
        'completed', 'Built in 84 minutes', '{"artifact":"shop-1.4.0-linux.tar.gz"}', '2026-10-12T09:35:00Z',
        5040000),
    ('5b391664-0d97-42c1-8fba-675d9f6d26b2', '944782d7-3418-42c5-9b24-10a6f0ae1284', 3, 'code', 'build macos',
        'failed', 'The certificate was revoked', '{"exit_code":1}', '2026-10-12T10:10:00Z', 600000),
    ('e8948dc3-22aa-46fe-8d5f-eb548d301caf', '944782d7-3418-42c5-9b24-10a6f0ae1284', 4, 'desktop',
        'renew certificate', 'completed', NULL, NULL, '2026-10-12T10:31:00Z', 3540000),
    ('5d0991e0-0822-48e7-adee-d7391ee6db62', '944782d7-3418-42c5-9b24-10a6f0ae1284', 5, 'code', 'build macos',
        'completed', 'Built and signed', '{"artifact":"shop-1.4.0-macos.zip"}', '2026-10-12T11:30:00Z', 5400000),
    ('8b21ea85-2a84-4829-b7c3-de4c02228d48', '944782d7-3418-42c5-9b24-10a6f0ae1284', 6, 'infra', 'publish',
        'completed', 'Published', '{"files":2}', '2026-10-12T15:00:00Z', 1200000),
    ('c199c0a9-8a62-4ac1-bac0-cddb0346ce06', '543bcfbb-c9f2-4a8a-9ecf-958027801375', 1, 'orchestrator', 'plan',
        'completed', 'Look at load, then at the disk', NULL, '2026-11-12T20:00:00Z', 2000),
    ('4ca8c324-a8eb-42f1-a27d-239fdf8adf39', '543bcfbb-c9f2-4a8a-9ecf-958027801375', 2, 'research',
        'search known problems', 'completed', 'Nothing that fits', '{"found":0}', '2026-11-12T20:01:00Z', 45000),
    ('d9fb18e8-eef6-4ac4-88b6-350eedd03c87', '543bcfbb-c9f2-4a8a-9ecf-958027801375', 3, 'infra', 'connect', 'failed',
        'No answer in 30 s', '{"host":"db1","seconds":30}', '2026-11-12T20:05:00Z', 30000),
    ('f7572dd8-8f18-4e53-a895-bc4380f485ea', '543bcfbb-c9f2-4a8a-9ecf-958027801375', 4, 'infra', 'connect', 'failed',
        'No answer in 30 s', '{"host":"db1","seconds":30}', '2026-11-13T11:59:29Z', 30000),
    ('95814675-5260-4ba9-9362-3b53b93e295f', '6d84cc79-5636-4be9-b859-93a74865d3ee', 1, 'orchestrator', 'plan',
        'completed', 'One page to change', NULL, '2026-11-17T07:30:00.500Z', 1000),
    ('dde5a881-1aaf-4366-8999-f49576886726', '6d84cc79-5636-4be9-b859-93a74865d3ee', 2, 'research', 'read the page',
        'completed', 'The table has room for a column', '{"lines":212}', '2026-11-17T07:31:00.500Z', 15000),
    ('1007e910-f9a8-4ab8-99b3-43bb8a01f57a', '6d84cc79-5636-4be9-b859-93a74865d3ee', 3, 'code', 'edit the page',
        'completed', 'One column more', '{"changed":["download.html"]}', '2026-11-17T07:40:00.500Z', 360000),
    ('e4d3921a-724a-47f6-a518-182b5e200159', '6d84cc79-5636-4be9-b859-93a74865d3ee', 4, 'desktop', 'look at the page',
        'completed', 'Looks right at both widths', NULL, '2026-11-17T08:00:00.500Z', 60000),
    ('2936be1a-54e6-4454-a922-5a7d3e21b31d', '6d84cc79-5636-4be9-b859-93a74865d3ee', 5, 'infra', 'publish',
        'completed', 'Published', '{"files":1}', '2026-11-17T09:10:00.500Z', 300000),
    ('9e6a1947-d757-42ef-8e5c-6000c6e5ff4d', 'fe2fbd72-0bdc-45d3-860b-ed79214119cf', 1, 'orchestrator', 'plan',
        'completed', 'Check, load, report', NULL, '2026-11-17T08:20:00Z', 3000),
    ('54a8dc38-bf76-4314-8480-6bd0e15b72c2', 'fe2fbd72-0bdc-45d3-860b-ed79214119cf', 2, 'research',
        'read the delivery', 'completed', '18250 rows in 3 files', '{"files":3,"rows":18250}', '2026-11-17T08:22:00Z',
        90000),
    ('49469a5e-6b91-46e7-a45c-8f2d7e2d1302', 'fe2fbd72-0bdc-45d3-860b-ed79214119cf', 3, 'code', 'load', 'failed',
        'Refused 1820 rows', '{"refused":1820}', '2026-11-17T08:25:00Z', 1800000),
    ('cb9b515f-e4ec-4f0d-be03-0f59e5e5b240', 'fe2fbd72-0bdc-45d3-860b-ed79214119cf', 4, 'code', 'repair', 'completed',
        'Loaded under a customer of their own', '{"repaired":1408}', '2026-11-17T12:00:00Z', 2400000),
    ('479dd02e-5974-4f6b-8eeb-4467a5c46004', 'fe2fbd72-0bdc-45d3-860b-ed79214119cf', 5, 'code', 'load', 'failed',
        'Refused 412 rows', '{"refused":412}', '2026-11-17T17:50:00Z', 1830000),
    ('a35ffc5b-8ba0-40f1-8dfe-d74b768c6714', '2ccd5f71-12fc-4e59-b1e9-f4fd46b1f9d2', 1, 'orchestrator', 'plan',
        'completed', 'Check, load, report', NULL, '2026-11-20T10:00:00Z', 2000),
    ('cac858bb-4cca-438c-ae2d-3c616fb35c13', '2ccd5f71-12fc-4e59-b1e9-f4fd46b1f9d2', 2, 'research',
        'read the delivery', 'completed', '9300 rows in 1 file', '{"files":1,"rows":9300}', '2026-11-20T10:02:00Z',
        30000),
    ('e465b1f1-ac59-47b6-8861-f3a5f201da49', '2ccd5f71-12fc-4e59-b1e9-f4fd46b1f9d2', 3, 'code', 'load', 'running',
        NULL, NULL, '2026-11-20T10:05:00Z', NULL);
