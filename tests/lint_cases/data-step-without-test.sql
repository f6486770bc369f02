-- case, tested
SELECT 1;
-- planctl:backfill root-ancestor table=t id=i parent=p root=r
-- case
SELECT 1;
-- case
-- planctl:allow data-step-without-test t is empty
-- planctl:backfill root-ancestor table=t id=i parent=p root=r

-- case
SELECT 1;
-- planctl:backfill root-ancestor table=t id=i parent=p root=r
-- expect: data-step-without-test in line 2
