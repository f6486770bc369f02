-- The <b>odd</b> | `one` & *all* that _could_ break a page: $x$ [a](javascript:b) <script>alert(1)</script>

-- About "it" @someone #1 ~~no~~ https://example.org
CREATE TABLE "o'brien ""quoted"" \ % # ; <i> | `tick`" (
    "a b" TEXT PRIMARY KEY, -- 'x' | 'y|z' | '<script>'
    "" INT DEFAULT '</td><script>alert(1)</script>',
    "1st-über" DECIMAL(10,2), -- - starts like a list
    "two
lines" "LONG VARCHAR (12)" CHECK ("two
lines" <> '`|\'), -- 1. like a number
    [class] UNIQUE
);
CREATE TABLE "title" (style TEXT REFERENCES "TITLE"(style) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, "erDiagram" INT PRIMARY KEY, "o{" REFERENCES "nowhere else", FOREIGN KEY ("erDiagram", style) REFERENCES "o'brien ""quoted"" \ % # ; <i> | `tick`" ("a b", "1st-über"));
CREATE TABLE "計画 🦀" ("名前" TEXT PRIMARY KEY, p REFERENCES "計画 🦀");
CREATE TABLE "%" (a); CREATE TABLE "٪" (a); CREATE TABLE "  " (a);  CREATE TABLE "]]>" (a REFERENCES "%"(a)); 
CREATE TABLE "one" (a); CREATE TABLE "direction" (a); CREATE TABLE "a_very_long_name_that_goes_on_and_on_without_any_space_until_nobody_can_read_it_any_more_0123456789_0123456789" (a_very_long_name_that_goes_on_and_on_without_any_space_until_nobody_can_read_it TEXT PRIMARY KEY);
CREATE VIEW "v`` ```" AS SELECT '```' AS x, "a b" FROM "o'brien ""quoted"" \ % # ; <i> | `tick`";
CREATE TRIGGER "t|" INSTEAD OF INSERT ON "v`` ```" WHEN new.x = '</script>' BEGIN SELECT '<!--'; END;
CREATE VIRTUAL TABLE f USING fts5(body, tokenize = 'porter ascii');
CREATE INDEX "i|" ON "title" (style COLLATE NOCASE DESC, lower("erDiagram")) WHERE style > '|';
