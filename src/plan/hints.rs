//! What a spec says to the planner in comments: where rows get a value from, and which names are old ones renamed.
//!
//! ```sql
//! -- planctl:renamed-from lifecycle_plans
//! CREATE TABLE plans (
//!     -- planctl:renamed-from state
//!     phase TEXT NOT NULL,
//!     owner TEXT NOT NULL, -- planctl:fill value='nobody'
//!     note TEXT            -- planctl:new
//! );
//! ```

use std::collections::BTreeMap;

use super::options::Fills;
use crate::base::directive::{Body, OF_MIGRATIONS, OF_SPECS, Spoken, may_hold_one, near_miss, spoken, value};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::base::source::{Location, SourceFile};
use crate::ddl;
use crate::schema::{Column, Ident, Table};
use crate::sql::{Kind, Statement, Token, not_an_expression, statements, tokens, tokens_and_comments};

/// What the comments of a spec say.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Hints {
    /// Values for rows that are there.
    pub fills: Fills,
    /// Names that replace others.
    pub renamed: Vec<RenamedFrom>,
    /// Tables and columns (of a table) that are new whatever they look like.
    pub new: Vec<(Ident, Option<Ident>)>,
    /// Tables by their names in the database → by those in the spec, where these differ.
    pub spec_tables: BTreeMap<Ident, Ident>,
    /// Of a table, a column by its name in the spec → by the one in the database, where these differ.
    pub spec_columns: BTreeMap<(Ident, Ident), Ident>,
}

/// A name that replaces another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenamedFrom {
    /// The table as it is called from now on.
    pub table: Ident,
    /// The column as it is called from now on; `None` for the table itself.
    pub column: Option<Ident>,
    /// The old name.
    pub from: Ident,
    /// Where it is said, when it is said in a file.
    pub location: Option<Location>,
}

impl RenamedFrom {
    /// The table, or the table and its column, as they were called.
    pub(crate) fn old_name(&self) -> (&Ident, Option<&Ident>) {
        former(&self.table, self.column.as_ref(), &self.from)
    }
}

/// What somebody writes above a table or a column that was called `old`.
pub(crate) fn renamed_from(old: &Ident) -> String {
    format!("`-- planctl:renamed-from {}`", old.shown())
}

/// What was called `old` and is now a table or its column: the table, or the table and its column, as they were called.
pub(crate) fn former<'a>(
    table: &'a Ident,
    column: Option<&Ident>,
    old: &'a Ident,
) -> (&'a Ident, Option<&'a Ident>) {
    if column.is_some() { (table, Some(old)) } else { (old, None) }
}

impl Hints {
    /// Reads the comments of a spec. A comment above a statement, or above or inside or behind a column, is about it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the place of a comment that cannot be understood, that contradicts another one, or that
    /// only looks like a directive.
    pub fn read(spec: &SourceFile) -> Result<Hints> {
        let mut hints = Hints::default();
        if !may_hold_one(spec.text()) {
            return Ok(hints);
        }
        let page = Page::read(spec.text());
        let mut last = None;
        for comment in page.tokens.iter().filter(|token| token.kind == Kind::Comment) {
            let bodies = match spoken(comment.text) {
                Spoken::Prose => continue,
                Spoken::NearMiss { offset, meant } => {
                    return Err(
                        near_miss(ErrorKind::Config, &meant).at(spec.location(comment.start + offset))
                    );
                }
                Spoken::Said(bodies) => bodies,
            };
            let subject = page.subject(comment, last.as_ref());
            for body in bodies {
                let place = Place { spec, start: comment.start + body.offset };
                hints.add(&place, body, subject.as_ref(), &page)?;
            }
            last = subject.map(|subject| (comment.end(), subject));
        }
        Ok(hints)
    }

    fn add(
        &mut self,
        at: &Place<'_>,
        body: Body<'_>,
        subject: Option<&Subject>,
        page: &Page<'_>,
    ) -> Result<()> {
        let (word, rest) = body.split();
        let known = OF_SPECS.contains(&word);
        if !known {
            return Err(at.unknown(word));
        }
        let Some((table, column)) = subject.cloned() else {
            return Err(at.error(0, format!("`planctl:{word}` refers to no table or column")).help(
                "put it above a CREATE TABLE, or above or after one of its columns; a fill may be above the table and name its `column=`",
            ));
        };
        let rest_at = body.text.len() - rest.len();
        match word {
            "new" if rest.is_empty() => {
                self.contradict(at, &table, column.as_ref())?;
                self.new.push((table, column));
            }
            "new" => return Err(at.left_over(rest_at, word, rest)),
            "renamed-from" => {
                let from = at.old_name(rest, rest_at)?;
                if self.new.iter().any(|(of, named)| *of == table && *named == column) {
                    return Err(at.contradiction());
                }
                let location = Some(at.location(0));
                self.renamed.push(RenamedFrom { table, column, from, location });
            }
            _ => {
                let (named, value) = at.fill(rest, rest_at)?;
                let column = named.or(column).ok_or_else(|| {
                    at.error(0, "`planctl:fill` does not say which column").help(WRITE_FILL)
                })?;
                let known = page.tables.iter().map(|(_, known)| known).find(|known| known.name == table);
                if let Some(known) = known.filter(|known| known.column(&column).is_none()) {
                    let names = known.columns.iter().map(|column| column.name.as_str());
                    let (table, shown) = (table.shown(), column.shown());
                    return Err(at
                        .error(0, format!("the table {table} has no column {shown} to fill"))
                        .help(did_you_mean(column.as_str(), names)));
                }
                let known = self.fills.insert((table, column.clone()), value.clone());
                if known.is_some_and(|known| known != value) {
                    let shown = column.shown();
                    return Err(at
                        .error(0, format!("another comment gives {shown} another value"))
                        .help("keep one of the two"));
                }
            }
        }
        Ok(())
    }

    fn contradict(&self, at: &Place<'_>, table: &Ident, column: Option<&Ident>) -> Result<()> {
        let renamed = |hint: &RenamedFrom| hint.table == *table && hint.column.as_ref() == column;
        if self.renamed.iter().any(renamed) { Err(at.contradiction()) } else { Ok(()) }
    }
}

const WRITE_FILL: &str = "write `-- planctl:fill column=C value=SQL`; the value is one SQL expression, to the end of the comment or in double quotes";

/// Whether a comment is one that is said to the planner.
pub(super) fn is_hint(comment: &str) -> bool {
    match spoken(comment) {
        Spoken::Said(bodies) => bodies.iter().any(|body| OF_SPECS.contains(&body.split().0)),
        _ => false,
    }
}

/// Where a directive stands.
struct Place<'a> {
    spec: &'a SourceFile,
    start: usize,
}

impl Place<'_> {
    fn location(&self, at: usize) -> Location {
        self.spec.location(self.start + at)
    }

    fn error(&self, at: usize, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Config, message).at(self.location(at))
    }

    fn unknown(&self, word: &str) -> Error {
        if OF_MIGRATIONS.contains(&word) {
            return self
                .error(0, format!("`planctl:{word}` belongs in a migration, not in the spec"))
                .help("move it into the migration that it is about");
        }
        self.error(0, format!("there is no directive `{word}`")).help(did_you_mean(word, OF_SPECS))
    }

    fn left_over(&self, at: usize, word: &str, rest: &str) -> Error {
        self.error(at, format!("`{rest}` is not part of `planctl:{word}`")).help(
            "put what is meant for people in a comment of its own, and another directive after a `-- planctl:` of its own",
        )
    }

    fn contradiction(&self) -> Error {
        self.error(0, "one comment says that this is new, and another one that it is renamed")
            .help("keep one of the two")
    }

    /// One name, quoted as SQL quotes it where it has to be.
    fn old_name(&self, text: &str, at: usize) -> Result<Ident> {
        let name = tokens(text).next().filter(|name| name.start == 0);
        let Some(name) = name.filter(|name| name.can_be_name() && !name.unquoted().is_empty()) else {
            return Err(self
                .error(at, "`planctl:renamed-from` does not say the old name")
                .help("write `-- planctl:renamed-from NAME`, the name quoted if it is not a plain word"));
        };
        let rest = text.get(name.end()..).unwrap_or_default();
        if rest.trim().is_empty() {
            return Ok(Ident::from(name.unquoted()));
        }
        let behind = at + text.len() - rest.trim_start().len();
        Err(self
            .left_over(behind, "renamed-from", rest.trim())
            .note("quote a name that is not a plain word: `-- planctl:renamed-from \"old name\"`"))
    }

    /// `column=c value=…`: the value is everything behind its `=`, or what stands in double quotes.
    fn fill(&self, text: &str, at: usize) -> Result<(Option<Ident>, String)> {
        let (mut column, mut given) = (None, None);
        let mut rest = text;
        while !rest.is_empty() {
            let here = at + text.len() - rest.len();
            let (key, behind) = rest.split_once('=').unwrap_or((rest, ""));
            match key.trim_end() {
                "column" if column.is_none() => {
                    let Some((name, len)) = value(behind).filter(|(name, _)| !name.is_empty()) else {
                        return Err(self.error(here, "`column=` does not say which column").help(WRITE_FILL));
                    };
                    column = Some(Ident::from(name));
                    rest = behind.get(len..).unwrap_or_default().trim_start();
                }
                "value" if given.is_none() => {
                    let (expression, after) = quoted_whole(behind).unwrap_or((behind.trim().to_owned(), ""));
                    if let Some(wrong) = not_an_expression(&expression) {
                        return Err(self.error(here, format!("the value {wrong}")).help(WRITE_FILL));
                    }
                    given = Some(expression);
                    rest = after;
                }
                "column" | "value" => {
                    return Err(self
                        .error(here, format!("`{}` is given twice", key.trim_end()))
                        .help(WRITE_FILL));
                }
                _ => {
                    let word = rest.split_whitespace().next().unwrap_or_default();
                    return Err(self.left_over(here, "fill", word).note(WRITE_FILL));
                }
            }
        }
        match given {
            Some(value) => Ok((column, value)),
            None => Err(self.error(0, "`planctl:fill` does not say the value").help(WRITE_FILL)),
        }
    }
}

/// An expression that stands in double quotes as a whole, and what follows it: `"a"` alone, but not `"a" || "b"`, in which
/// the quotes are those of names.
fn quoted_whole(text: &str) -> Option<(String, &str)> {
    let (plain, len) = value(text).filter(|_| text.starts_with('"'))?;
    let after = text.get(len..)?.trim_start();
    (after.is_empty() || after.starts_with("column=")).then_some((plain, after))
}

/// A table, and the column of it that is meant.
type Subject = (Ident, Option<Ident>);

/// A spec, taken apart.
struct Page<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    statements: Vec<Statement<'a>>,
    /// Tables by the beginning of their statements.
    tables: Vec<(usize, Table)>,
}

impl<'a> Page<'a> {
    fn read(text: &'a str) -> Page<'a> {
        let statements = statements(text);
        let tables = statements.iter().filter_map(|statement| {
            let ordinary = ddl::create_table(statement.text);
            let table = ordinary.or_else(|_| ddl::create_virtual_table(statement.text)).ok()?;
            Some((statement.start, table))
        });
        Page { text, tokens: tokens_and_comments(text).collect(), tables: tables.collect(), statements }
    }

    fn table_at(&self, start: usize) -> Option<&Table> {
        self.tables.iter().find(|(at, _)| *at == start).map(|(_, table)| table)
    }

    /// What a comment is about; `last` is where the directive before it ends, and what that one is about.
    fn subject(&self, comment: &Token<'_>, last: Option<&(usize, Subject)>) -> Option<Subject> {
        let line = self.text.get(..comment.start)?.rfind('\n').map_or(0, |n| n + 1);
        let alone =
            self.text.get(line..comment.start)?.trim_matches(['\u{feff}', ' ', '\t', '\r']).is_empty();
        let of_table = |table: &Table| (table.name.clone(), None);
        let around = self.statements.iter().find(|s| s.start < comment.start && comment.start < s.end());
        let Some(around) = around else {
            let behind = self.statements.iter().rfind(|s| s.end() <= comment.start && s.end() > line);
            let below = self.statements.iter().find(|s| s.start >= comment.end());
            let meant = if alone { below } else { behind };
            return meant.and_then(|statement| self.table_at(statement.start)).map(of_table);
        };
        let table = self.table_at(around.start)?;
        let of_column = |column: &Column| Some((table.name.clone(), Some(column.name.clone())));
        let place = comment.start - around.start;
        if let Some(inside) = table.columns.iter().find(|c| c.start < place && place < c.end) {
            return of_column(inside);
        }
        if alone {
            let below = table.columns.iter().find(|column| column.start > place);
            if let Some(below) = below {
                return of_column(below);
            }
            // Below the last column, one goes on with what the line above says.
            let (end, subject) = last?;
            let between = self.text.get(*end..comment.start)?;
            return between.trim().is_empty().then(|| subject.clone());
        }
        let Some(before) = table.columns.iter().rfind(|column| column.end <= place) else {
            return Some(of_table(table));
        };
        // Behind a constraint of the table it is about no column.
        let from = around.start + before.end;
        let mut between = self.tokens.iter().filter(|t| t.start >= from && t.start < comment.start);
        between.all(|token| token.kind == Kind::Comment || token.is_punct(",")).then(|| of_column(before))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Hints> {
        Hints::read(&SourceFile::new("spec.sql", text))
    }

    #[test]
    fn a_comment_is_about_what_it_stands_at() {
        let hints = read(
            "-- planctl:renamed-from old_t\n-- planctl:fill column=c value=coalesce(a, 'x y')\nCREATE TABLE t (\n  \
             -- planctl:renamed-from \"b 0\"\n  b INT,\n  c TEXT NOT NULL,\n  d INT NOT NULL, -- planctl:fill value=7\n  \
             e INT -- planctl:new\n);",
        )
        .unwrap();
        let renamed = |column: Option<&str>, from: &str| RenamedFrom {
            table: "t".into(),
            column: column.map(Ident::from),
            from: from.into(),
            location: None,
        };
        let said: Vec<RenamedFrom> =
            hints.renamed.iter().map(|hint| RenamedFrom { location: None, ..hint.clone() }).collect();
        assert_eq!(said, [renamed(None, "old_t"), renamed(Some("b"), "b 0")]);
        assert_eq!(hints.fills.get(&("t".into(), "c".into())).unwrap(), "coalesce(a, 'x y')");
        assert_eq!(hints.fills.get(&("t".into(), "d".into())).unwrap(), "7");
        assert_eq!(hints.new, [("t".into(), Some("e".into()))]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let line = |text: &str| read(text).unwrap_err().location().unwrap().line;
        assert_eq!(line("CREATE TABLE t(\n a, -- planctl:fill column=a\n b);"), 2);
        assert_eq!(line("-- planctl:renamed-from\nCREATE TABLE t(a);"), 1);
        assert_eq!(line("\n-- planctl:new"), 2);
        assert_eq!(line("-- planctl:fill column=b value=1\nCREATE TABLE t(a);"), 1);
        assert_eq!(line("CREATE TABLE t(a,\n b -- planctl:fill value=1; DROP TABLE t\n);"), 2);
    }

    /// Of a spec with one hint about a column: the column and what is said.
    fn only(text: &str) -> String {
        let hints = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let fills = hints.fills.iter().map(|((_, column), value)| format!("{column}={value}"));
        let renamed = hints.renamed.iter().map(|hint| match &hint.column {
            Some(column) => format!("{column}<{}", hint.from),
            None => format!("table<{}", hint.from),
        });
        let new = hints.new.iter().map(|(_, column)| match column {
            Some(column) => format!("{column}!"),
            None => "table!".to_owned(),
        });
        fills.chain(renamed).chain(new).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn quotes_around_a_value_are_quotes() {
        let fill = |text: &str| only(&format!("CREATE TABLE t (a,\n b -- planctl:fill {text}\n);"));
        assert_eq!(fill("value=\"coalesce(a, 'x')\""), "b=coalesce(a, 'x')");
        assert_eq!(fill("value=\"a || \"\"a\"\"\""), "b=a || \"a\"");
        assert_eq!(fill("value='it''s'"), "b='it''s'");
        assert_eq!(fill("value=\"a\" || \"b\""), "b=\"a\" || \"b\"");
        assert_eq!(fill("value=a = 'x'"), "b=a = 'x'");
        assert_eq!(fill("value=\"1\" column=a"), "a=1");
        assert_eq!(fill("column=\"a\" value=2"), "a=2");
        let renamed =
            |text: &str| only(&format!("CREATE TABLE t (a,\n b -- planctl:renamed-from {text}\n);"));
        for quoted in ["\"old name\"", "[old name]", "`old name`", "'old name'"] {
            assert_eq!(renamed(quoted), "b<old name");
        }
    }

    #[test]
    fn two_directives_on_one_column_work_wherever_they_stand() {
        for (text, said) in [
            ("CREATE TABLE t (\n-- planctl:renamed-from a\n-- planctl:fill value=7\nb TEXT, c);", "b=7 b<a"),
            ("CREATE TABLE t (\n-- planctl:renamed-from a\nb TEXT, -- planctl:fill value=7\nc);", "b=7 b<a"),
            ("CREATE TABLE t (\nb TEXT, -- planctl:renamed-from a -- planctl:fill value=7\nc);", "b=7 b<a"),
            ("CREATE TABLE t (x,\nb TEXT -- planctl:renamed-from a\n-- planctl:fill value=7\n);", "b=7 b<a"),
            ("CREATE TABLE t (x,\nb TEXT\n  -- planctl:fill value=7\n  NOT NULL,\nc);", "b=7"),
            ("CREATE TABLE t (a); -- planctl:renamed-from old\nCREATE TABLE u (b);", "table<old"),
            ("CREATE TABLE t ( -- planctl:new\na);", "table!"),
            ("-- planctl:renamed-from g\nCREATE VIRTUAL TABLE f USING fts5(a);", "table<g"),
        ] {
            assert_eq!(only(text), said, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_obeyed_is_no_comment() {
        for (text, said) in [
            ("CREATE TABLE t (a,\n-- planctl fill value=7\nb);", "looks like a directive"),
            ("CREATE TABLE t (a,\n---- planctl:fill value=7\nb);", "looks like a directive"),
            ("CREATE TABLE t (a,\n/* planctl:fill value=7 */\nb);", "looks like a directive"),
            ("CREATE TABLE t (a,\n-- planctl:renamed_from x\nb);", "no directive `renamed_from`"),
            ("CREATE TABLE t (a,\n-- planctl:fil value=7\nb);", "no directive `fil`"),
            ("CREATE TABLE t (a,\n-- planctl:backfill root-ancestor\nb);", "in a migration"),
            ("CREATE TABLE t (a,\nb, -- planctl:renamed-from x y\nc);", "`y` is not part"),
            ("CREATE TABLE t (a,\nb, -- planctl:new fill value=7\nc);", "`fill value=7` is not part"),
            ("CREATE TABLE t (a,\nb, -- planctl:fill 7\nc);", "`7` is not part"),
            (
                "CREATE TABLE t (a,\nb, -- planctl:new -- planctl:renamed-from a\nc);",
                "another one that it is renamed",
            ),
            ("CREATE TABLE t (a,\n-- planctl:fill value=7\nb, -- planctl:fill value=8\nc);", "another value"),
            (
                "\n-- planctl:renamed-from x\nCREATE VIEW v AS SELECT 1;\nCREATE TABLE t (a);",
                "no table or column",
            ),
            ("CREATE TABLE t (a,\nCHECK (a) -- planctl:fill value=7\n);", "no table or column"),
            ("CREATE TABLE t (a,\n\n-- planctl:new\nCHECK (a));", "no table or column"),
        ] {
            let error = read(text).expect_err("wrong");
            let text_of = format!("{} {:?}", error.message(), error.notes());
            let line = error.location().unwrap().line;
            assert!(text_of.contains(said) && (2..=3).contains(&line), "{text}: {line} {text_of}");
        }
    }
}
