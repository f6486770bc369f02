-- NULL, '' and blanks become the default; JSON stays to the letter; a bare name is wrapped and kept; what gets into the
-- snapshot is JSON.

-- given
INSERT INTO v3_plans (
    plan_id, namespaced_name, namespace, description, processing_state, automation_profile, created_at, updated_at
)
SELECT column1, 'ops/' || column2, 'ops', column2, 'queued', column3, '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z'
FROM (VALUES
    ('01K0FQGGT022R9RAY9N7WHW0C2', 'null', NULL),
    ('01K0FQJCPSV2WRZE61Z1Q8MDP7', 'empty', ''),
    ('01K0FQM8KJWAN1QJCTAE9FEXHN', 'blank', '  '),
    ('01K0FQP4GBNBNWSAMVAFC8V876', 'bare', 'supervised'),
    ('01K0FQR0D469DDVY11TQVTYX26', 'quotes', 'o''brien''s "fast" one'),
    ('01K0FQSW9XEEHT10ZJKSWNS0DX', 'json', '{"profile_name": "trusted",  "provenance": "action"}'),
    ('01K0FQVR6PWMYSEW9T3R91PK5B', 'string', '"manual"'),
    ('01K0FQXM3F7W2P64S2Z4803S80', 'broken', '{"profile_name":')
);

-- then
-- expect: null | balanced
-- expect: empty | balanced
-- expect: blank | balanced
-- expect: bare | {"profile_name":"supervised","provenance":"legacy-text"}
-- expect: quotes | {"profile_name":"o'brien's \"fast\" one","provenance":"legacy-text"}
-- expect: json | {"profile_name": "trusted",  "provenance": "action"}
-- expect: string | "manual"
-- expect: broken | {"profile_name":"{\"profile_name\":","provenance":"legacy-text"}
SELECT description, automation_profile FROM v3_plans ORDER BY plan_id;
-- The name of a wrapped profile is the text that was there, to the letter.
-- expect: supervised
-- expect: o'brien's "fast" one
-- expect: {"profile_name":
SELECT json_extract(automation_profile, '$.profile_name') FROM v3_plans
WHERE description IN ('bare', 'quotes', 'broken') ORDER BY plan_id;
-- expect: null | {}
-- expect: empty | {}
-- expect: blank | {}
-- expect: bare | {"profile_name":"supervised","provenance":"legacy-text"}
-- expect: quotes | {"profile_name":"o'brien's \"fast\" one","provenance":"legacy-text"}
-- expect: json | {"profile_name": "trusted",  "provenance": "action"}
-- expect: string | {}
-- expect: broken | {"profile_name":"{\"profile_name\":","provenance":"legacy-text"}
SELECT description, effective_profile_snapshot FROM v3_plans ORDER BY plan_id;
-- expect: 8 | 8
SELECT count(*), sum(json_type(effective_profile_snapshot) = 'object') FROM v3_plans;
-- expect error: NOT NULL
UPDATE v3_plans SET automation_profile = NULL;
-- expect error: NOT NULL
UPDATE v3_plans SET effective_profile_snapshot = NULL;
-- expect error: CHECK
UPDATE v3_plans SET effective_profile_snapshot = 'supervised';
-- expect error: CHECK
UPDATE v3_plans SET effective_profile_snapshot = '';
-- A writer that knows neither column goes on working.
-- expect: 0 rows
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01K0FQZG08BD085WB3APS7XSCA', '01K0FQZG08BD085WB3APS7XSCA', 'ops/9', 'ops', 'queued',
        '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z');
-- expect: balanced | {} | action
SELECT automation_profile, effective_profile_snapshot, phase FROM v3_plans WHERE plan_id = '01K0FQZG08BD085WB3APS7XSCA';
-- An object that somebody wrote after V7 looks like a wrapped one, but has more to it.
-- expect: 0 rows
INSERT INTO v3_plans (
    plan_id, root_plan_id, namespaced_name, namespace, processing_state, automation_profile, created_at, updated_at
)
VALUES ('01K0FR1BX13QE5HC4WK8DJAAG1', '01K0FR1BX13QE5HC4WK8DJAAG1', 'ops/q1', 'ops', 'queued',
    '{"profile_name":"strict","provenance":"legacy-text","checked":true}',
     '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z');

-- after down
-- What V7 wrapped is bare again; the default stays where NULL or '' had been.
-- expect: balanced
-- expect: balanced
-- expect: balanced
-- expect: supervised
-- expect: o'brien's "fast" one
-- expect: {"profile_name": "trusted",  "provenance": "action"}
-- expect: "manual"
-- expect: {"profile_name":
-- expect: balanced
-- expect: {"profile_name":"strict","provenance":"legacy-text","checked":true}
SELECT automation_profile FROM v3_plans ORDER BY plan_id;
-- expect: 0 rows
UPDATE v3_plans SET automation_profile = NULL WHERE plan_id = '01K0FQZG08BD085WB3APS7XSCA';
-- expect error: no such column
SELECT v3_plans.effective_profile_snapshot FROM v3_plans;
