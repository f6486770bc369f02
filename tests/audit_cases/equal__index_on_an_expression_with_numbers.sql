-- spec
CREATE TABLE t(a,b);CREATE INDEX i ON t(coalesce(a,1e10));CREATE INDEX j ON t(a||x'ab');CREATE VIEW v AS SELECT coalesce(a,1e10) AS x FROM t;
-- live
CREATE TABLE t(a,b);CREATE INDEX i ON t(coalesce(a,1E10));CREATE INDEX j ON t((a)||X'AB');CREATE VIEW v AS SELECT coalesce(a,1E10) AS x FROM t;
