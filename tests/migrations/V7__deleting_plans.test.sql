-- A root plan refers to itself. It can be made and deleted; its descendants are never left with a root of NULL.

-- given
INSERT INTO v3_plans (
    plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, description, processing_state, created_at,
    updated_at
)
SELECT column1, column2, column3, 'ops/' || column4, 'ops', column4, 'queued', '2025-07-01T10:00:00Z',
    '2025-07-01T10:00:00Z'
FROM (VALUES
    ('01KBJNGCPGR12J89EFGJGYTM24', NULL, '01KBJNGCPGR12J89EFGJGYTM24', 'a1'),
    ('01KBJNJ8K9FAENG5WB5AYE9CKX', '01KBJNGCPGR12J89EFGJGYTM24', '01KBJNGCPGR12J89EFGJGYTM24', 'a2'),
    ('01KBJNM4G2QRMF7RN3P6CAG7DP', '01KBJNJ8K9FAENG5WB5AYE9CKX', '01KBJNGCPGR12J89EFGJGYTM24', 'a3'),
    ('01KBJNP0CV8S418GEPX6T58FDR', NULL, '01KBJNP0CV8S418GEPX6T58FDR', 'b1'),
    ('01KBJNQW9MTR8R4TG96AAXE29W', NULL, '01KBJNP0CV8S418GEPX6T58FDR', 'b2')
);
INSERT INTO plan_projects (plan_id, project_name, created_at)
VALUES ('01KBJNM4G2QRMF7RN3P6CAG7DP', 'web', '2025-07-01T10:01:00Z');

-- then
-- expect error: NOT NULL
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01KBJNSR6D2PTTSR7DTPRCAX83', NULL, 'ops/c', 'ops', 'queued', '2025-07-01T12:00:00Z', '2025-07-01T12:00:00Z');
-- expect error: NOT NULL
INSERT INTO v3_plans (plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01KBJNSR6D2PTTSR7DTPRCAX83', 'ops/c', 'ops', 'queued', '2025-07-01T12:00:00Z', '2025-07-01T12:00:00Z');
-- expect error: FOREIGN KEY
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01KBJNSR6D2PTTSR7DTPRCAX83', '', 'ops/c', 'ops', 'queued', '2025-07-01T12:00:00Z', '2025-07-01T12:00:00Z');
-- A new root plan is its own root from its first statement on, and can go again.
-- expect: 0 rows
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01KBJNSR6D2PTTSR7DTPRCAX83', '01KBJNSR6D2PTTSR7DTPRCAX83', 'ops/c', 'ops', 'queued',
        '2025-07-01T12:00:00Z', '2025-07-01T12:00:00Z');
-- expect: 0 rows
DELETE FROM v3_plans WHERE plan_id = '01KBJNSR6D2PTTSR7DTPRCAX83';
-- A root with descendants stays.
-- expect error: FOREIGN KEY
DELETE FROM v3_plans WHERE plan_id = '01KBJNGCPGR12J89EFGJGYTM24';
-- A tree goes in one statement, with the parts of its plans.
-- expect: 0 rows
DELETE FROM v3_plans WHERE root_plan_id = '01KBJNGCPGR12J89EFGJGYTM24';
-- expect: 01KBJNP0CV8S418GEPX6T58FDR | 01KBJNP0CV8S418GEPX6T58FDR
-- expect: 01KBJNQW9MTR8R4TG96AAXE29W | 01KBJNP0CV8S418GEPX6T58FDR
SELECT plan_id, root_plan_id FROM v3_plans ORDER BY plan_id;
-- expect: 0
SELECT count(*) FROM plan_projects;

-- after down
-- The old policy again: the root goes, and NULL is left behind.
-- expect: 0 rows
DELETE FROM v3_plans WHERE plan_id = '01KBJNP0CV8S418GEPX6T58FDR';
-- expect: 01KBJNQW9MTR8R4TG96AAXE29W | NULL
SELECT plan_id, root_plan_id FROM v3_plans;
