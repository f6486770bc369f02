-- case, tested
-- planctl:backfill root-ancestor table=t id=i parent=p root=r on-orphan=skip

-- case, tested
-- planctl:allow orphan-becomes-root the parents were deleted in 2019
-- planctl:backfill root-ancestor table=t id=i parent=p root=r on-orphan=self

-- case, tested
SELECT 1;
-- planctl:backfill root-ancestor table=t id=i parent=p root=r on-orphan=self

-- expect: orphan-becomes-root in line 2
