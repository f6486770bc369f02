-- spec
CREATE TABLE t(key TEXT, desc INT, match, action, "end", begin, temp CHECK(temp<>''), row, of, no, replace, UNIQUE(key), CHECK(desc>0));CREATE INDEX i ON t(desc, key DESC);CREATE INDEX j ON t(match) WHERE action=1;CREATE VIEW v AS SELECT key, row FROM t WHERE begin=1;CREATE TRIGGER r AFTER UPDATE OF key ON t WHEN new.begin BEGIN UPDATE t SET no=new.of; END;
-- live
CREATE TABLE t("key" TEXT UNIQUE, [desc] INT CHECK(([desc])>0), `match`, "action", [end], "begin", "temp" CHECK(("temp")!=''), "row", "of", "no", "replace");CREATE INDEX i ON t("desc", [key] DESC);CREATE INDEX j ON t("match") WHERE "action"=1;CREATE VIEW v AS SELECT "key", [row] FROM t WHERE "begin"=1;CREATE TRIGGER r AFTER UPDATE OF "key" ON t WHEN new."begin" BEGIN UPDATE t SET "no"=(new."of"); END;
