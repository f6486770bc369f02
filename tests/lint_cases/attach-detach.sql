-- case
INSERT INTO attach(detach) VALUES('ATTACH x AS y');
-- case
SELECT 1;
attach 'x.db' AS y;
DETACH y;
-- expect: attach-detach in line 2
-- expect: attach-detach in line 3
