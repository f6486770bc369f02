use crate::base::severity::Severity;
use crate::ddl::Alteration;
use crate::migrations::lint::rule::{Check, Rule};
use crate::migrations::lint::shape::{Shape, Stmt};
use crate::migrations::lint::view::View;
use crate::schema::Ident;

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a table is rebuilt more than once in one file",
    explanation: "Each rebuild copies every row of the table and builds its indexes again. Make all changes to a \
                  table in one rebuild.",
    check: Check::Text(|view, _, sink| {
        let mut rebuilt: Vec<&Ident> = Vec::new();
        for n in 0..view.stmts.len() {
            let Some((table, at)) = rebuild(view, n) else { continue };
            if rebuilt.contains(&table) {
                sink.report(
                    at,
                    format!(
                        "{table} is rebuilt more than once in this file, each time with a copy of all rows"
                    ),
                    "make all its changes in one rebuild",
                );
            }
            rebuilt.push(table);
        }
    }),
};

/// The table whose rebuild statement `n` completes: a table that was filled in this script takes the name of one that
/// was dropped or renamed away in it, or a table that was made anew under the old name is filled.
fn rebuild<'v>(view: &'v View<'_>, n: usize) -> Option<(&'v Ident, usize)> {
    let stmt = view.stmts.get(n)?;
    let at = stmt.statement.start;
    match &stmt.shape {
        Shape::AlterTable(from, Alteration::Rename(to)) => {
            (view.is_new(n, from) && went_away(view, n, to) && is_filled(view, n, from)).then_some((to, at))
        }
        Shape::CreateTable(table) if went_away(view, n, &table.name) => {
            let filled =
                view.stmts.iter().skip(n + 1).take_while(|later| !later.shape.takes_away(&table.name));
            filled.into_iter().any(|later| fills(later, &table.name)).then_some((&table.name, at))
        }
        _ => None,
    }
}

/// Whether a table of that name was there before the script, and went away before statement `n`.
fn went_away(view: &View<'_>, n: usize, table: &Ident) -> bool {
    let first = view.stmts.iter().take(n).position(|stmt| match &stmt.shape {
        Shape::CreateTable(new) => new.name == *table,
        Shape::AlterTable(_, Alteration::Rename(to)) if to == table => true,
        shape => shape.takes_away(table),
    });
    first.is_some_and(|first| match view.stmts.get(first).map(|stmt| &stmt.shape) {
        // With IF EXISTS, and nothing copied from it, it only clears the way.
        Some(Shape::Drop { if_exists: true, .. }) => view.was_copied(first, table),
        Some(shape) => shape.takes_away(table),
        None => false,
    })
}

fn is_filled(view: &View<'_>, n: usize, table: &Ident) -> bool {
    view.stmts.iter().take(n).any(|stmt| fills(stmt, table))
}

/// Whether a statement puts the rows of a query into `table`.
fn fills(stmt: &Stmt<'_>, table: &Ident) -> bool {
    match &stmt.shape {
        Shape::Insert { table: into } => {
            into == table && stmt.tokens.iter().any(|token| token.is_word("FROM"))
        }
        Shape::CreateTable(new) => new.name == *table && new.columns.is_empty(),
        _ => false,
    }
}
