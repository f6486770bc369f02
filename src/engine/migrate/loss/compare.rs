//! What a table holds, and how much of it another one has taken over.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Result, Row};

use crate::engine::catalog::columns::{columns, key_of};
use crate::engine::catalog::rows::firsts;
use crate::engine::diagnosis::errors;
use crate::engine::migrate::guard::Place;
use crate::schema::Ident;
use crate::sql::{MOST_COLUMNS, Token, quote, tokens};

/// How many pairs of columns are held against each other in search of one that was renamed by a copy.
const PAIRS: usize = 400;

/// How many terms one query counts.
const AT_ONCE: usize = MOST_COLUMNS / 2;

/// What has to be known of a table.
pub(crate) struct Facts {
    /// Whether there is such a table, and not a view.
    pub(crate) is_table: bool,
    pub(crate) is_virtual: bool,
    /// Whether rows are lost with it: a full-text index of other tables holds none of its own, nor does a virtual table
    /// that shows what is stored elsewhere.
    pub(crate) holds_rows: bool,
    columns: Vec<Ident>,
    /// Those whose values are stored, and not generated.
    stored: Vec<Ident>,
    /// Those of the primary key.
    key: Vec<Ident>,
}

impl Facts {
    pub(crate) fn read(conn: &Connection, place: &Place) -> Result<Facts> {
        let (schema, table) = (place.schema(), &place.table);
        let sql = format!(
            "SELECT type, sql FROM {schema}.sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')"
        );
        let found: Option<(String, Option<String>)> = conn
            .prepare_cached(&sql)?
            .query_row([table.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (kind, sql) = found.unwrap_or_default();
        let sql = sql.unwrap_or_default();
        let is_table = kind == "table";
        // A view loses nothing, and SQLite would compile it to tell its columns: what it reads may be gone by now, or call
        // functions that only the application has.
        let columns = if kind == "view" { Vec::new() } else { columns(conn, schema, table.as_str())? };
        let is_virtual = is_table && tokens(&sql).nth(1).is_some_and(|word| word.is_word("VIRTUAL"));
        let stored = columns.iter().filter(|column| column.is_ordinary());
        Ok(Facts {
            is_table,
            is_virtual,
            holds_rows: is_table && (!is_virtual || holds_own_rows(conn, place, &sql)?),
            stored: stored.map(|column| column.name.as_str().into()).collect(),
            key: key_of(&columns).into_iter().map(Ident::from).collect(),
            columns: columns.into_iter().map(|column| column.name.into()).collect(),
        })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.columns.iter()
    }

    pub(crate) fn has(&self, column: &Ident) -> bool {
        self.columns.contains(column)
    }

    pub(crate) fn stored(&self) -> impl Iterator<Item = &Ident> {
        self.stored.iter()
    }
}

fn holds_own_rows(conn: &Connection, place: &Place, sql: &str) -> Result<bool> {
    let words: Vec<Token<'_>> = tokens(sql).collect();
    let indexes_others = words
        .windows(2)
        .any(|pair| matches!(pair, [word, next] if word.is_word("content") && next.is_punct("=")));
    if indexes_others {
        return Ok(false);
    }
    let shadows = "SELECT name FROM pragma_table_list WHERE schema = ?1 AND type = 'shadow'";
    let shadows: Vec<Ident> = firsts(conn, shadows, [place.schema()])?;
    let prefix = format!("{}_", place.table.folded());
    Ok(shadows.iter().any(|name| name.folded().starts_with(&prefix)))
}

/// How many rows a table has, or values a column.
pub(crate) fn count(conn: &Connection, table: &Place, column: Option<&Ident>) -> Result<u64> {
    let of = column.map_or("*".to_owned(), |column| quote(column.as_str()));
    let sql = format!("SELECT count({of}) FROM {}", table.sql());
    conn.query_row(&sql, [], |row| unsigned(row, 0))
}

/// What became of a column's values in another table.
#[derive(Clone, Default)]
pub(crate) struct Carried {
    /// The column that holds them there.
    pub(crate) column: Option<Ident>,
    /// How many are not there, or are others.
    pub(crate) lost: u64,
}

/// What became of the values of `columns` of `table` in `target`, into which its `rows` were copied but for `gone` of them.
pub(crate) fn carried(
    conn: &Connection,
    (table, facts): (&Place, &Facts),
    columns: &[Ident],
    target: &Place,
    (rows, gone): (u64, u64),
) -> Result<Vec<Carried>> {
    let there = Facts::read(conn, target)?;
    let own: BTreeSet<&Ident> = facts.names().collect();
    let new: Vec<&Ident> = there.names().filter(|name| !own.contains(name)).collect();
    // A column under its own name, or every new one that could be it.
    let mut candidates: Vec<Vec<&Ident>> = columns
        .iter()
        .map(|column| match there.names().find(|name| *name == column) {
            Some(same) => vec![same],
            None => new.clone(),
        })
        .collect();
    if candidates.iter().map(Vec::len).sum::<usize>() > columns.len().max(PAIRS) {
        for (column, candidates) in columns.iter().zip(&mut candidates) {
            candidates.retain(|name| *name == column);
        }
    }
    let key = &facts.key;
    let keyed = !key.is_empty() && key.iter().all(|part| there.has(part));
    let by_key = match keyed {
        true => by_key(conn, (table, target), columns, &candidates, key, rows.saturating_sub(gone)),
        false => Ok(None),
    };
    let counts = match by_key {
        Ok(Some(counts)) => counts,
        Err(error) if errors::is_interrupt(&error) => return Err(error),
        // A collation that is not here, a key that can not be compared: then how many there are has to do.
        Ok(None) | Err(_) => by_number(conn, (table, target), columns, &candidates, gone)?,
    };
    let mut fates = Vec::with_capacity(columns.len());
    for ((column, names), (values, lost)) in columns.iter().zip(&candidates).zip(counts) {
        let best = names.iter().zip(lost).min_by_key(|(_, lost)| *lost);
        fates.push(match best {
            // A new column that has nothing of it is not it.
            Some((name, lost)) if *name == column || lost == 0 && values > 0 => {
                Carried { column: Some((*name).clone()), lost }
            }
            _ => Carried { column: None, lost: values },
        });
    }
    Ok(fates)
}

/// Of each column how many values it has, and how many of them each of its candidates does not have.
type Counts = Vec<(u64, Vec<u64>)>;

/// `None` when fewer than `copied` rows have their key in both.
fn by_key(
    conn: &Connection,
    places: (&Place, &Place),
    columns: &[Ident],
    candidates: &[Vec<&Ident>],
    key: &[Ident],
    copied: u64,
) -> Result<Option<Counts>> {
    let mut counts = Vec::with_capacity(columns.len());
    let (mut columns, mut candidates) = (columns, candidates);
    while !columns.is_empty() {
        let mut terms = 1;
        let fits = candidates.iter().take_while(|names| {
            terms += 1 + names.len();
            terms <= AT_ONCE
        });
        let some = fits.count().max(1);
        let (now, later) = columns.split_at(some);
        let (names, others) = candidates.split_at(some);
        let Some(found) = some_by_key(conn, places, now, names, key, copied)? else { return Ok(None) };
        counts.extend(found);
        (columns, candidates) = (later, others);
    }
    Ok(Some(counts))
}

/// The same for as many columns as one query can count.
fn some_by_key(
    conn: &Connection,
    (table, target): (&Place, &Place),
    columns: &[Ident],
    candidates: &[Vec<&Ident>],
    key: &[Ident],
    copied: u64,
) -> Result<Option<Counts>> {
    let mut terms = vec!["count(*)".to_owned()];
    for (column, names) in columns.iter().zip(candidates) {
        let old = format!("o.{}", quote(column.as_str()));
        terms.push(format!("count({old})"));
        for name in names {
            let new = format!("n.{}", quote(name.as_str()));
            // Another type that reads the same is the same value: 5 and '5', 5 and 5.0.
            terms.push(format!(
                "sum({old} IS NOT NULL AND NOT CASE WHEN typeof({old}) IN ('integer', 'real') \
                 AND typeof({new}) IN ('integer', 'real') THEN {old} = {new} \
                 ELSE CAST({old} AS BLOB) IS CAST({new} AS BLOB) END)"
            ));
        }
    }
    let on: Vec<String> =
        key.iter().map(|part| quote(part.as_str())).map(|k| format!("n.{k} = o.{k}")).collect();
    let sql = format!(
        "SELECT {} FROM {} AS o CROSS JOIN {} AS n ON {}",
        terms.join(", "),
        table.sql(),
        target.sql(),
        on.join(" AND ")
    );
    conn.query_row(&sql, [], |row| {
        if unsigned(row, 0)? < copied {
            return Ok(None);
        }
        let mut at = 1;
        let mut next = || {
            at += 1;
            unsigned(row, at - 1)
        };
        let counts = candidates.iter().map(|names| {
            let values = next()?;
            Ok((values, names.iter().map(|_| next()).collect::<Result<_>>()?))
        });
        counts.collect::<Result<_>>().map(Some)
    })
}

fn by_number(
    conn: &Connection,
    (table, target): (&Place, &Place),
    columns: &[Ident],
    candidates: &[Vec<&Ident>],
    gone: u64,
) -> Result<Counts> {
    let mut counts = Vec::with_capacity(columns.len());
    for (column, names) in columns.iter().zip(candidates) {
        let values = count(conn, table, Some(column))?;
        let mut lost = Vec::with_capacity(names.len());
        for name in names {
            let there = count(conn, target, Some(name))?;
            let missing = values.saturating_sub(there).max(missing(conn, (table, column), (target, name))?);
            let renamed = missing == 0 && there == values;
            lost.push(if *name == column || renamed { missing.saturating_sub(gone) } else { values });
        }
        counts.push((values, lost));
    }
    Ok(counts)
}

/// How many values of the one column are no value of the other's; which are the same is said in [`by_key`].
fn missing(conn: &Connection, one: (&Place, &Ident), other: (&Place, &Ident)) -> Result<u64> {
    let (old, new) = (quote(one.1.as_str()), quote(other.1.as_str()));
    let (table, target) = (one.0.sql(), other.0.sql());
    let sql = format!(
        "SELECT count(*) FROM {table} WHERE {old} IS NOT NULL \
         AND CAST({old} AS BLOB) NOT IN (SELECT CAST({new} AS BLOB) FROM {target} WHERE {new} IS NOT NULL) \
         AND NOT (typeof({old}) IN ('integer', 'real') \
         AND +{old} IN (SELECT +{new} FROM {target} WHERE typeof({new}) IN ('integer', 'real')))"
    );
    conn.query_row(&sql, [], |row| unsigned(row, 0))
}

/// NULL is the sum of no rows.
fn unsigned(row: &Row<'_>, at: usize) -> Result<u64> {
    let number: Option<i64> = row.get(at)?;
    Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default())
}
