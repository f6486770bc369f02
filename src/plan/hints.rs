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

use super::Fills;
use crate::ddl;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Ident, Table};
use crate::source::{Location, SourceFile};
use crate::sql::{Kind, display_name, not_an_expression, statements, tokens_and_comments};

/// What the comments of a spec say.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Hints {
    /// Values for rows that are there.
    pub fills: Fills,
    /// Names that replace others.
    pub renamed: Vec<RenamedFrom>,
    /// Tables and columns (of a table) that are new whatever they look like.
    pub new: Vec<(Ident, Option<Ident>)>,
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

impl Hints {
    /// Reads the comments of a spec. A comment above a statement or a column, or behind a column on its line, is about
    /// it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the line of a comment that cannot be understood.
    pub fn read(spec: &SourceFile) -> Result<Hints> {
        let text = spec.text();
        let mut hints = Hints::default();
        let tables: Vec<(usize, Table)> = statements(text)
            .iter()
            .filter_map(|statement| Some((statement.start, ddl::create_table(statement.text).ok()?)))
            .collect();
        for token in tokens_and_comments(text).filter(|token| token.kind == Kind::Comment) {
            let Some((word, rest)) = directive(token.text) else { continue };
            let error =
                |message: String| Error::new(ErrorKind::Config, message).at(spec.location(token.start));
            let (table, column) = subject(text, token.start, token.end(), &tables)
                .ok_or_else(|| error(format!("`planctl:{word}` is about no table or column")))?;
            match word {
                "new" => hints.new.push((table, column)),
                "renamed-from" => {
                    let from = crate::sql::unquote(rest);
                    if from.is_empty() {
                        return Err(error("`planctl:renamed-from` does not say the old name".to_owned()));
                    }
                    let location = Some(spec.location(token.start));
                    hints.renamed.push(RenamedFrom { table, column, from: from.into(), location });
                }
                _ => {
                    let (named, value) = fill(rest);
                    let column = named
                        .or(column)
                        .ok_or_else(|| error("`planctl:fill` does not say which column".to_owned()))?;
                    let value = value.ok_or_else(|| {
                        error("`planctl:fill` does not say the value".to_owned())
                            .help("write `-- planctl:fill column=… value=…`, the value as SQL")
                    })?;
                    if let Some(wrong) = not_an_expression(value) {
                        return Err(error(format!("the value {wrong}"))
                            .help("the value is everything behind `value=`: one SQL expression"));
                    }
                    let known = tables.iter().find(|(_, known)| known.name == table).map(|(_, table)| table);
                    if let Some(known) = known.filter(|known| known.column(&column).is_none()) {
                        let (table, column) =
                            (display_name(known.name.as_str()), display_name(column.as_str()));
                        return Err(error(format!("the table {table} has no column {column} to fill")));
                    }
                    hints.fills.insert((table, column), value.to_owned());
                }
            }
        }
        Ok(hints)
    }
}

/// The directive of a comment that is one of ours.
pub(super) fn directive(comment: &str) -> Option<(&str, &str)> {
    let body = comment.strip_prefix("--")?.trim().strip_prefix("planctl:")?;
    let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
    ["fill", "renamed-from", "new"].contains(&word).then_some((word, rest.trim()))
}

/// `column=c value=…`: the value is everything behind its `=`.
fn fill(text: &str) -> (Option<Ident>, Option<&str>) {
    let (head, value) = match text.split_once("value=") {
        Some((head, value)) => (head.trim(), Some(value.trim()).filter(|value| !value.is_empty())),
        None => (text, None),
    };
    let column = head.strip_prefix("column=").map(|name| Ident::from(crate::sql::unquote(name.trim())));
    (column, value)
}

/// What a comment is about: inside a table the column that it stands above or behind, else the table.
fn subject(
    text: &str,
    start: usize,
    end: usize,
    tables: &[(usize, Table)],
) -> Option<(Ident, Option<Ident>)> {
    let inside = tables.iter().find(|(at, table)| *at < start && start < at + table.sql.len());
    if let Some((at, table)) = inside {
        let line = text[..start].rfind('\n').map_or(0, |n| n + 1);
        let alone = text[line..start].trim().is_empty();
        let column = if alone {
            table.columns.iter().find(|column| at + column.start >= end)
        } else {
            table.columns.iter().rev().find(|column| at + column.start < start)
        };
        return Some((table.name.clone(), column.map(|column| column.name.clone())));
    }
    tables.iter().find(|(at, _)| *at >= end).map(|(_, table)| (table.name.clone(), None))
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
}
