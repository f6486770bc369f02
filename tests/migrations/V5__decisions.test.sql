-- given
INSERT INTO v3_plans (plan_id, root_plan_id, namespaced_name, namespace, processing_state, created_at, updated_at)
VALUES ('01K1S8T5WGDH8DBR46ZKJPAZA0', '01K1S8T5WGDH8DBR46ZKJPAZA0', 'local/a', 'local', 'queued',
        '2025-07-01T10:00:00Z', '2025-07-01T10:00:00Z');

-- then
-- expect: 0 rows
INSERT INTO decisions (decision_id, plan_id, parent_decision_id, kind, question, chosen_option, created_at)
VALUES ('01K1S8W1S9CYXRSWGAY9J9CS4P', '01K1S8T5WGDH8DBR46ZKJPAZA0', NULL, 'strategy', 'Rewrite or refactor?',
        'refactor', '2025-07-01T10:03:00Z'),
       ('01K1S8XXP2RKT8X3E2N9J8H9M3', '01K1S8T5WGDH8DBR46ZKJPAZA0', '01K1S8W1S9CYXRSWGAY9J9CS4P', 'scope',
        'Which module first?', 'parser', '2025-07-01T10:04:00Z');
-- expect error: FOREIGN KEY
INSERT INTO decisions (decision_id, plan_id, kind, question, created_at)
VALUES ('01K1S8ZSJVPHPPXERPDHJM5Q63', '01K1S91NFMF5MS7N6W67R38MPA', 'scope', 'Whose?', '2025-07-01T10:05:00Z');
-- expect error: FOREIGN KEY
INSERT INTO decisions (decision_id, plan_id, parent_decision_id, kind, question, created_at)
VALUES ('01K1S8ZSJVPHPPXERPDHJM5Q63', '01K1S8T5WGDH8DBR46ZKJPAZA0', '01K1S93HCDJD4919211YBPAGS6', 'scope',
        'After what?', '2025-07-01T10:05:00Z');
-- The record is not swept away: neither with its plan nor with the decision above.
-- expect error: FOREIGN KEY
DELETE FROM v3_plans WHERE plan_id = '01K1S8T5WGDH8DBR46ZKJPAZA0';
-- expect error: FOREIGN KEY
DELETE FROM decisions WHERE decision_id = '01K1S8W1S9CYXRSWGAY9J9CS4P';
-- A whole tree can go in one statement.
-- expect: 0 rows
DELETE FROM decisions WHERE plan_id = '01K1S8T5WGDH8DBR46ZKJPAZA0';
-- expect: 0 rows
DELETE FROM v3_plans WHERE plan_id = '01K1S8T5WGDH8DBR46ZKJPAZA0';

-- after down
-- expect error: no such table
SELECT count(*) FROM decisions;
