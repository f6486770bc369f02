//! Full-text tables that hold their rows themselves (<https://www.sqlite.org/fts5.html>,
//! <https://www.sqlite.org/fts3.html>): no ALTER TABLE changes one, but its rows can be read, and put into a new one.

use super::hazard::{Hazard, Loss};
use super::rebuild::free_name;
use super::step::{Copied, Rebuild};
use super::text::retitled;
use crate::schema::{Ident, Schema, Table, TableKind};
use crate::sql::tokens;

/// The columns of a full-text table that holds its own rows; `None` of any other table, and of one that only indexes.
pub fn own_columns(table: &Table) -> Option<Vec<Ident>> {
    let TableKind::Virtual { module, arguments } = &table.kind else { return None };
    if !["fts3", "fts4", "fts5"].iter().any(|known| module.eq_ignore_ascii_case(known)) {
        return None;
    }
    let mut columns = Vec::new();
    for argument in arguments {
        let mut words = tokens(argument);
        let Some(first) = words.next() else { continue };
        let is_option = words.next().is_some_and(|next| next.is_punct("="));
        if is_option && first.is_word("content") {
            return None;
        }
        // `tokenize porter` is an older way to write it.
        if !is_option && !first.is_word("tokenize") {
            columns.push(Ident::from(first.unquoted()));
        }
    }
    if columns.is_empty() {
        columns.push("content".into());
    }
    Some(columns)
}

/// The columns whose values go over from the one to the other.
pub fn carried(from: &Table, to: &Table) -> Option<Vec<Ident>> {
    let (old, new) = (own_columns(from)?, own_columns(to)?);
    let both: Vec<Ident> = new.into_iter().filter(|name| old.contains(name)).collect();
    (!both.is_empty()).then_some(both)
}

/// The table made anew, and what to know of it.
pub(super) fn rebuild(
    (from_schema, to_schema): (&Schema, &Schema),
    (from, to): (&Table, &Table),
) -> Option<(Rebuild, Vec<Hazard>)> {
    let columns = carried(from, to)?;
    let passing = free_name(&to.name, from_schema, to_schema);
    let mut hazards = vec![Hazard::Copies { table: to.name.clone(), indexes: true }];
    let lost = own_columns(from)?.into_iter().filter(|name| !columns.contains(name));
    hazards.extend(lost.map(|column| Hazard::Loses(Loss::Values { table: to.name.clone(), column })));
    let names = columns.iter().map(Ident::shown);
    let copy = std::iter::once("rowid".to_owned()).chain(names);
    let rebuild = Rebuild {
        table: to.name.clone(),
        create: Some(retitled(&to.sql, &to.name, &passing)),
        passing,
        copy: copy.map(|name| Copied { column: name.clone(), value: name }).collect(),
        has_conflict_clauses: false,
        sequence: false,
        apart: false,
    };
    Some((rebuild, hazards))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ddl;

    #[test]
    fn columns_are_told_from_options() {
        let columns = |sql: &str| {
            let table = ddl::create_virtual_table(&format!("CREATE VIRTUAL TABLE t USING {sql}")).unwrap();
            own_columns(&table).map(|names| names.iter().map(|name| name.to_string()).collect::<Vec<_>>())
        };
        let some = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            columns("fts5(a, \"b c\" UNINDEXED, tokenize = 'porter ascii', prefix='2 3')"),
            some(&["a", "b c"])
        );
        assert_eq!(columns("FTS4(subject TEXT, body, tokenize=porter)"), some(&["subject", "body"]));
        assert_eq!(columns("fts3(tokenize porter)"), some(&["content"]));
        assert_eq!(columns("fts5(a, content='')"), None);
        assert_eq!(columns("fts5(a, content = docs)"), None);
        assert_eq!(columns("rtree(id, x0, x1)"), None);
    }
}
