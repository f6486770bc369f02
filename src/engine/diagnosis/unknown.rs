//! Where in a statement stands what SQLite refuses, and which name was meant that it does not know.

use rusqlite::Connection;

use super::{errors, fault};
use crate::base::nearest::nearest;
use crate::base::source::{Location, SourceFile};
use crate::engine::catalog::rows::firsts;
use crate::engine::{Fault, Thing, parts};
use crate::sql::{Token, is_bookkeeping, tokens};

/// The place of `error` in the statement `text` that begins at `start`: SQLite's own, else the name that it does not know,
/// else the statement.
pub(crate) fn place(file: &SourceFile, text: &str, start: usize, error: &rusqlite::Error) -> Location {
    if let Some(offset) = errors::offset(error) {
        return file.location(start + offset);
    }
    let named = match fault::of(error) {
        Fault::NoSuch(_, name) => named(text, &name),
        _ => None,
    };
    let (from, to) = named.map_or((0, text.len()), |token| (token.start, token.end()));
    file.span(start + from, start + to)
}

/// Where a statement has a name that SQLite may have with others in front of it: `main.t`, `t.c`.
pub(crate) fn named<'t>(statement: &'t str, name: &str) -> Option<Token<'t>> {
    let is =
        |token: &Token<'_>, part: &str| token.can_be_name() && token.unquoted().eq_ignore_ascii_case(part);
    parts(name).find_map(|part| tokens(statement).find(|token| is(token, part)))
}

/// The table or column that the statement probably means, when it was refused for one that is not there.
pub(crate) fn meant(conn: &Connection, statement: &str, fault: &Fault) -> Option<String> {
    let Fault::NoSuch(thing, name) = fault else { return None };
    let written = named(statement, name).map(|token| token.unquoted());
    let unknown = written.or_else(|| parts(name).last().map(str::to_owned))?;
    let known = match thing {
        Thing::Table => firsts(conn, "SELECT name FROM pragma_table_list WHERE schema = 'main'", []),
        Thing::Column => {
            let columns = "SELECT name FROM pragma_table_xinfo(?1)";
            let of = |token: Token<'_>| firsts::<String, Vec<_>>(conn, columns, [token.unquoted()]);
            let found: rusqlite::Result<Vec<_>> =
                tokens(statement).filter(Token::can_be_name).map(of).collect();
            found.map(|found| found.concat())
        }
        Thing::Index | Thing::View | Thing::Trigger => {
            firsts(conn, "SELECT name FROM sqlite_schema WHERE type IN ('index', 'view', 'trigger')", [])
        }
        _ => return None,
    };
    let known: Vec<String> = known.ok()?;
    // Nobody means the bookkeeping of SQLite or of the migrations.
    let known = known.iter().map(String::as_str).filter(|name| !is_bookkeeping(name));
    nearest(&unknown, known).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(statement: &str) -> (String, Option<String>) {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE v3_plans (plan_id, state); CREATE TABLE tasks (task_id, status);
             CREATE INDEX idx_tasks_status ON tasks (status)",
        )
        .unwrap();
        let file = SourceFile::new("a.sql", format!("-- é\n{statement}"));
        let start = file.text().len() - statement.len();
        let error = conn.execute_batch(statement).unwrap_err();
        let error = conn.prepare(statement).err().unwrap_or(error);
        let at = place(&file, statement, start, &error);
        let marked = at.text.chars().skip(at.column - 1).take(at.length).collect();
        (marked, meant(&conn, statement, &fault::of(&error)))
    }

    #[test]
    fn what_sqlite_refuses_is_marked_and_the_name_that_was_meant_is_found() {
        let some = |name: &str| Some(name.to_owned());
        for (statement, marked, meant) in [
            ("INSERT INTO taks VALUES (1);", "taks", some("tasks")),
            ("DELETE FROM \"plans\";", "\"plans\"", some("v3_plans")),
            ("DROP TABLE main.task;", "task", some("tasks")),
            ("UPDATE tasks SET statsu = 1;", "statsu", some("status")),
            ("SELECT tasks.task_idd FROM tasks;", "tasks", some("task_id")),
            ("INSERT INTO tasks (task_ld) VALUES (1);", "task_ld", some("task_id")),
            ("ALTER TABLE tasks DROP COLUMN stauts;", "stauts", some("status")),
            ("DROP INDEX idx_nothing;", "idx_nothing", None),
            ("DROP INDEX idx_tasks_state;", "idx_tasks_state", some("idx_tasks_status")),
            ("DROP VIEW v;", "v", None),
            ("DELETE FROM zebras;", "zebras", None),
            ("SELEC 1;", "SELEC", None),
        ] {
            let found = refused(statement);
            assert_eq!((found.0.as_str(), found.1), (marked, meant), "{statement}");
        }
    }
}
