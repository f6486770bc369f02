//! What people wrote about a schema, in the comments of its DDL.
//!
//! ```sql
//! -- The first block of the file, with an empty line below it, is about the whole.
//!
//! -- What stands above a table or a view is about it, also over an empty line.
//! CREATE TABLE plans ( -- what stands behind the parenthesis, too
//!     plan_id TEXT PRIMARY KEY, -- what stands behind a column is about the column
//!     state TEXT
//!     -- or below it
//! );
//! ```
//!
//! In a table whose comments all stand above the columns, they are about the column below. Directives
//! (`-- planctl:…`) and rulers are no prose.

use std::collections::HashMap;

use super::comment::{content, of_column};
use super::{Kind, create_table, created};
use crate::schema::{Column, Ident, Schema};
use crate::sql::{Kind as TokenKind, Token, statements, tokens_and_comments};

/// The prose of a DDL text. A paragraph is one string, without line breaks; an item of a list begins with `- `.
#[derive(Clone, Default, Debug)]
pub struct Notes {
    /// About the whole.
    pub about: Vec<String>,
    objects: HashMap<(Kind, Ident), Vec<String>>,
    columns: HashMap<(Ident, Ident), String>,
}

impl Notes {
    /// The notes of a script.
    pub fn of_script(script: &str) -> Notes {
        let mut notes = Notes::default();
        let mut end = 0;
        let mut last: Option<(Kind, Ident)> = None;
        let statements = statements(script);
        for (number, statement) in statements.iter().enumerate() {
            let gap = script.get(end..statement.start).unwrap_or_default();
            let object = created(statement.text).map(|(kind, name)| (plain(kind), name));
            let (trailing, mut blocks) = blocks(gap, number > 0);
            if let (Some(object), Some(text)) = (&last, trailing) {
                notes.add(object.clone(), prose(&[text]));
            }
            let adjoins = gap.rsplit_once('\n').is_none_or(|(before, _)| !before.ends_with(['\n', '\r']));
            let freestanding = blocks.len() > 1 || !adjoins;
            if number == 0 && !blocks.is_empty() && freestanding {
                notes.about = prose(&blocks.remove(0));
            }
            match &object {
                Some(object @ (Kind::Table | Kind::View, _)) => {
                    for block in &blocks {
                        notes.add(object.clone(), prose(block));
                    }
                }
                Some(object) if adjoins => {
                    notes.add(object.clone(), blocks.last().map_or_else(Vec::new, |block| prose(block)));
                }
                _ => {}
            }
            notes.statement(statement.text);
            end = statement.end();
            last = object;
        }
        let (trailing, blocks) = blocks(script.get(end..).unwrap_or_default(), !statements.is_empty());
        if let (Some(object), Some(text)) = (last, trailing) {
            notes.add(object, prose(&[text]));
        }
        if statements.is_empty() {
            notes.about = blocks.iter().flat_map(|block| prose(block)).collect();
        }
        notes
    }

    /// The notes that SQLite keeps: those inside of the statements.
    pub fn of_schema(schema: &Schema) -> Notes {
        let mut notes = Notes::default();
        for table in schema.tables.values() {
            notes.statement(&table.sql);
        }
        notes
    }

    /// Whether anything is said of a table or a column of it.
    pub fn speaks_of(&self, table: &Ident) -> bool {
        self.objects.contains_key(&(Kind::Table, table.clone()))
            || self.columns.keys().any(|(of, _)| of == table)
    }

    /// What is said of an object.
    pub fn object(&self, kind: Kind, name: &Ident) -> Vec<String> {
        self.objects.get(&(plain(kind), name.clone())).cloned().unwrap_or_default()
    }

    /// What is said of a column.
    pub fn column(&self, table: &Ident, column: &Ident) -> Option<&str> {
        self.columns.get(&(table.clone(), column.clone())).map(String::as_str)
    }

    fn add(&mut self, object: (Kind, Ident), prose: Vec<String>) {
        if !prose.is_empty() {
            self.objects.entry(object).or_default().extend(prose);
        }
    }

    /// The comments inside of a CREATE TABLE.
    fn statement(&mut self, sql: &str) {
        if !matches!(created(sql), Some((Kind::Table, _))) {
            return;
        }
        let Ok(table) = create_table(sql) else { return };
        let all: Vec<Token<'_>> = tokens_and_comments(sql).collect();
        let own_line = |token: &Token<'_>| {
            let before = sql.get(..token.start).unwrap_or_default();
            before.trim_end_matches([' ', '\t']).ends_with('\n')
        };
        let stand_above = stand_above(sql, &table.columns, &all, own_line);
        let mut said: HashMap<&Ident, Vec<&str>> = HashMap::new();
        let mut claimed = Vec::new();
        for column in table.columns.iter().filter(|_| !stand_above) {
            for comment in of_column(sql, &all, column) {
                claimed.push(comment.start);
                // Between the last column and a constraint, only a list of values must be the column's.
                let next =
                    all.iter().find(|token| token.start > comment.start && token.kind != TokenKind::Comment);
                let constraint = next.is_some_and(|next| {
                    !matches!(next.text, "," | ")")
                        && table.columns.iter().all(|other| other.start != next.start)
                });
                if !comment.beside && constraint && !comment.text.contains('|') {
                    continue;
                }
                said.entry(&column.name).or_default().push(comment.text);
            }
        }
        let open = all.iter().position(|token| token.is_punct("(")).unwrap_or(all.len());
        let mut head = Vec::new();
        for (at, token) in all.iter().enumerate().skip(open) {
            if token.kind != TokenKind::Comment || claimed.contains(&token.start) {
                continue;
            }
            // What no column above it has is about the one below it, or behind the parenthesis about the table.
            let next = all.iter().skip(at).find(|token| token.kind != TokenKind::Comment);
            let below =
                table.columns.iter().find(|column| next.is_some_and(|next| next.start == column.start));
            if at == open + 1 && !own_line(token) {
                head.push(content(token.text));
            } else if let Some(column) = below {
                said.entry(&column.name).or_default().push(content(token.text));
            }
        }
        for (column, comments) in said {
            let text = prose(&comments).join(" ");
            if !text.is_empty() {
                // Of two statements that make the same table (IF NOT EXISTS) the first one counts.
                self.columns.entry((table.name.clone(), column.clone())).or_insert(text);
            }
        }
        self.add((Kind::Table, table.name), prose(&head));
    }
}

/// What is told apart: a virtual table is a table.
fn plain(kind: Kind) -> Kind {
    if kind == Kind::VirtualTable { Kind::Table } else { kind }
}

/// Whether the comments of a table stand above the columns: the first column has one above it, and none has one beside
/// it.
fn stand_above(
    sql: &str,
    columns: &[Column],
    all: &[Token<'_>],
    own_line: impl Fn(&Token<'_>) -> bool,
) -> bool {
    let Some(first) = columns.first() else { return false };
    let at = all.partition_point(|token| token.start < first.start);
    let above = at.checked_sub(1).and_then(|before| all.get(before));
    let mut beside = columns.iter().flat_map(|column| of_column(sql, all, column)).filter(|comment| {
        let token = all.iter().find(|token| token.start == comment.start);
        token.is_some_and(|token| !own_line(token))
    });
    above.is_some_and(|token| token.kind == TokenKind::Comment && own_line(token)) && beside.next().is_none()
}

/// The comments between two statements: the one that still stands on the line of the first, and the others in blocks,
/// which empty lines divide.
fn blocks(gap: &str, behind_statement: bool) -> (Option<&str>, Vec<Vec<&str>>) {
    let mut trailing = None;
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    let mut end = 0;
    for token in tokens_and_comments(gap).filter(|token| token.kind == TokenKind::Comment) {
        let between = gap.get(end..token.start).unwrap_or_default();
        let breaks = between.matches('\n').count();
        if behind_statement && end == 0 && breaks == 0 {
            trailing = Some(content(token.text));
        } else {
            match blocks.last_mut().filter(|_| breaks < 2) {
                Some(block) => block.push(content(token.text)),
                None => blocks.push(vec![content(token.text)]),
            }
        }
        end = token.end();
    }
    (trailing, blocks)
}

/// Comments as paragraphs and items.
fn prose(comments: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in comments.iter().flat_map(|comment| if comment.is_empty() { "\n" } else { comment }.lines()) {
        let line = line.trim();
        // The stars on the left of a block.
        let line = if line == "*" { "" } else { line.strip_prefix("* ").unwrap_or(line).trim() };
        if line.starts_with("planctl:") {
            continue;
        }
        // A ruler, alone or behind a title.
        let ruler = ['-', '=', '*', '#', '~', '_'];
        let line = match line.trim_end_matches(ruler) {
            text if line.len() - text.len() >= 3 => text.trim_start_matches(ruler).trim(),
            _ => line,
        };
        match found.last_mut() {
            _ if line.is_empty() => goes_on = false,
            Some(paragraph) if goes_on && !line.starts_with("- ") => {
                paragraph.push(' ');
                paragraph.push_str(line);
            }
            _ => {
                found.push(line.to_owned());
                goes_on = true;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCRIPT: &str = "-- About the\n-- whole.\n\n-- ==== plans ====\n--\n-- A tree.\n-- - one\n--   and a half\n-- - two\n\n-- planctl:renamed-from old\nCREATE TABLE plans ( -- kept for ever\n  id TEXT, -- ULID\n  state TEXT\n  -- 'a'\n  -- | 'b'\n\n  -- the rest\n  , x, y -- last\n); -- trailing\n\n-- a section\n\nCREATE INDEX i ON plans (id);\n-- finds\nCREATE INDEX j ON plans (x); CREATE VIEW v AS SELECT 1;\n/* by hand\n * and foot */\nCREATE TRIGGER t AFTER INSERT ON plans BEGIN SELECT 1; /* in */ END;";

    #[test]
    fn comments_are_about_what_they_stand_at() {
        let notes = Notes::of_script(SCRIPT);
        assert_eq!(notes.about, ["About the whole."]);
        let of = |kind, name: &str| notes.object(kind, &name.into());
        assert_eq!(
            of(Kind::Table, "PLANS"),
            ["plans", "A tree.", "- one and a half", "- two", "kept for ever", "trailing"]
        );
        assert_eq!(of(Kind::Index, "i"), [""; 0], "an empty line divides what is about all that follows");
        assert_eq!(of(Kind::Index, "j"), ["finds"]);
        assert_eq!(of(Kind::View, "v"), [""; 0]);
        assert_eq!(of(Kind::Trigger, "t"), ["by hand and foot"]);
        let column = |name: &str| notes.column(&"plans".into(), &name.into());
        assert_eq!(column("id"), Some("ULID"));
        assert_eq!(column("state"), Some("'a' | 'b'"));
        assert_eq!((column("x"), column("y")), (None, Some("last")));
    }

    #[test]
    fn comments_above_every_column_are_about_the_column_below() {
        let notes = Notes::of_script(
            "CREATE TABLE t (\n  -- the key\n  id INT,\n  -- the name\n  -- of it\n  name TEXT, x,\n  CHECK (x > 0) -- no column\n);",
        );
        let column = |name: &str| notes.column(&"t".into(), &name.into());
        assert_eq!(
            (column("id"), column("name"), column("x")),
            (Some("the key"), Some("the name of it"), None)
        );
        let notes = Notes::of_script("CREATE TABLE t (\n  a, -- beside\n\n  -- of b\n  b\n)");
        assert_eq!(notes.column(&"t".into(), &"b".into()), Some("of b"));
        let notes =
            Notes::of_script("CREATE TABLE t (\n  a, -- beside\n  -- of the check\n  CHECK (a > 0)\n)");
        assert_eq!(notes.column(&"t".into(), &"a".into()), Some("beside"));
    }

    #[test]
    fn a_head_without_an_empty_line_below_it_is_about_the_first_table() {
        let notes = Notes::of_script("-- plans\nCREATE TABLE t (a);");
        assert_eq!(
            (notes.about.len(), notes.object(Kind::Table, &"t".into())),
            (0, vec!["plans".to_owned()])
        );
        assert_eq!(Notes::of_script("-- nothing yet\n").about, ["nothing yet"]);
    }

    proptest! {
        #[test]
        fn no_script_panics(script in "(--|/\\*|\\*/|CREATE TABLE t\\(|a|b TEXT|,|;|\\)|\n|'| |é|-|\u{1})*") {
            let notes = Notes::of_script(&script);
            prop_assert!(notes.about.iter().all(|paragraph| !paragraph.contains('\n')));
        }
    }
}
