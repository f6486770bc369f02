-- given
-- A fresh database has nothing yet.

-- then
-- expect: 0 rows
INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
VALUES ('local/write-tests', 'local', 'write-tests', '2025-07-01T09:00:00Z', '2025-07-01T09:00:00Z'),
       ('local/old-style', 'local', 'old-style', '2025-07-01T09:00:00Z', '2025-07-01T09:00:00Z');
-- expect: 0 rows
INSERT INTO action_invariants (action_name, invariant_text, position, created_at)
VALUES ('local/write-tests', 'no test is skipped', 1, '2025-07-01T09:00:00Z'),
       ('local/write-tests', 'no test needs the network', 0, '2025-07-01T09:00:00Z'),
       ('local/old-style', 'none of its own', 0, '2025-07-01T09:00:00Z');
-- expect: available | 1 | 0
SELECT state, reusable, read_only FROM actions WHERE namespaced_name = 'local/write-tests';
-- expect: 0 rows
UPDATE actions SET state = 'archived' WHERE namespaced_name = 'local/old-style';
-- expect error: CHECK
UPDATE actions SET state = 'deleted' WHERE namespaced_name = 'local/old-style';
-- expect error: UNIQUE
INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
VALUES ('local/write-tests', 'other', 'write-tests', '2025-07-01T09:00:00Z', '2025-07-01T09:00:00Z');
-- expect error: NOT NULL
INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
VALUES (NULL, 'local', 'nameless', '2025-07-01T09:00:00Z', '2025-07-01T09:00:00Z');
-- expect error: FOREIGN KEY
INSERT INTO action_invariants (action_name, invariant_text, position, created_at)
VALUES ('local/unknown', 'of no action', 0, '2025-07-01T09:00:00Z');
-- An invariant goes with its action, and with no other.
-- expect: 0 rows
DELETE FROM actions WHERE namespaced_name = 'local/old-style';
-- expect: no test needs the network
-- expect: no test is skipped
SELECT invariant_text FROM action_invariants ORDER BY position;

-- after down
-- expect: 0 rows
SELECT name FROM sqlite_schema WHERE tbl_name IN ('actions', 'action_invariants', 'lifecycle_plans');
