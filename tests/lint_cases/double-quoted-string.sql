-- case
CREATE TABLE "t"("a" "TEXT" DEFAULT 'x' CHECK ("A" IN ('x', 'y') AND "rowid" > 0), "b", UNIQUE ("b"));
CREATE TABLE u(b DEFAULT `x`, CHECK ("length"(b) > 1));
INSERT INTO "t"("a") VALUES('x'), ((SELECT "a" FROM t)) ON CONFLICT DO UPDATE SET "a" = "b";
UPDATE t SET "a" = "b" WHERE "t"."a" = "t"."b" AND b IN ("a", 'b');
UPDATE elsewhere SET a = "c";
INSERT INTO t("a", "b") SELECT "a", max("b") "total" FROM "t", "u" ORDER BY "total";
INSERT INTO t SELECT x."a", 1 AS "one" FROM t x GROUP BY "a"; INSERT INTO elsewhere SELECT "c";
-- case
CREATE TABLE t(a, b);
INSERT INTO t(a, b) SELECT
"x", upper(
"y") FROM t;
INSERT INTO t SELECT DISTINCT "z" || a, 'ok' FROM (SELECT a, "w" FROM t);
CREATE VIEW v AS SELECT "label", a FROM t;
-- expect: double-quoted-string in line 3
-- expect: double-quoted-string in line 4
-- expect: double-quoted-string in line 5
-- expect: double-quoted-string in line 5
-- expect: double-quoted-string in line 6
-- case
CREATE TABLE t(
  a DEFAULT "x",
  b CHECK (b IN ("x",
    "a")),
  CHECK (b <> "y")
);
INSERT INTO t VALUES(
1, "a");
UPDATE t SET a =
"no" WHERE b IN (1,
"never");
ALTER TABLE t ADD c DEFAULT "x" CHECK (c <> "none");
INSERT INTO t SELECT CASE WHEN a = 1 THEN "one" END FROM t;
-- expect: double-quoted-string in line 2
-- expect: double-quoted-string in line 3
-- expect: double-quoted-string in line 5
-- expect: double-quoted-string in line 8
-- expect: double-quoted-string in line 10
-- expect: double-quoted-string in line 11
-- expect: double-quoted-string in line 12
-- expect: double-quoted-string in line 12
-- expect: double-quoted-string in line 13
