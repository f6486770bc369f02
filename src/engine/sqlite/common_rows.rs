//! Rows for a scratch database: such as both schemas can hold, so that what a plan does to them can be judged.

use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

use super::inspect::main_name;
use super::rehearsal::execute;
use crate::engine::SeedPair;
use crate::schema::{Column, Ident, Table};
use crate::sql::{Kind, quote, tokens};

/// How many rows are tried for each table.
const ROWS: usize = 7;

/// Sows rows into `from`; `goal` gets the same ones, to see whether it takes them.
pub(super) fn sow(from: &Connection, goal: &Connection, pairs: &[SeedPair<'_>]) -> Result<()> {
    let triggers = without_triggers(from)?;
    without_triggers(goal)?;
    for pair in pairs.iter().filter(|pair| !pair.from.is_virtual() && !pair.from.columns.is_empty()) {
        for k in 0..ROWS {
            for kind in [Style::Plain, Style::Literal, Style::Odd, Style::Sparse] {
                // Each row begins with another style, so that all of them are there.
                let style = if kind == Style::Plain { Style::of(k) } else { kind };
                if one(from, goal, pair, k, style)? {
                    break;
                }
            }
        }
        thin_out(from, goal, pair)?;
    }
    for _ in 0..ROWS {
        let broken = orphans(from, from, pairs, |pair| Some(&pair.from.name))?
            + orphans(goal, from, pairs, |pair| pair.goal.map(|goal| &goal.name))?;
        if broken == 0 {
            break;
        }
    }
    for trigger in triggers {
        execute(from, &trigger)?;
    }
    Ok(())
}

/// Drops all triggers; gives their statements.
pub(super) fn without_triggers(conn: &Connection) -> Result<Vec<String>> {
    let mut statement =
        conn.prepare("SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY rowid")?;
    let found = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let found: Vec<(String, String)> = found.collect::<Result<_>>()?;
    found
        .into_iter()
        .map(|(name, sql)| {
            execute(conn, &format!("DROP TRIGGER main.{}", quote(&name)))?;
            Ok(sql)
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// Values of the declared type.
    Plain,
    /// Values that the table's checks speak of.
    Literal,
    /// Values of another storage class.
    Odd,
    /// NULL, and defaults.
    Sparse,
}

impl Style {
    fn of(k: usize) -> Style {
        [Style::Plain, Style::Literal, Style::Plain, Style::Odd, Style::Sparse][k % 5]
    }
}

/// Tries one row on both sides; keeps it when both take it.
fn one(from: &Connection, goal: &Connection, pair: &SeedPair<'_>, k: usize, style: Style) -> Result<bool> {
    let table = pair.from;
    let values: Vec<(&Column, Value)> = table
        .columns
        .iter()
        .filter(|column| column.generated.is_none())
        .filter_map(|column| Some((column, value(table, column, k, style)?)))
        .collect();
    let names: Vec<String> = values.iter().map(|(column, _)| quote(column.name.as_str())).collect();
    let holders = vec!["?"; names.len()].join(", ");
    let title = main_name(&table.name);
    let insert = match names.len() {
        0 => format!("INSERT OR ABORT INTO {title} DEFAULT VALUES"),
        _ => format!("INSERT OR ABORT INTO {title} ({}) VALUES ({holders})", names.join(", ")),
    };
    execute(from, "SAVEPOINT seed")?;
    let taken = try_insert(from, &insert, values.iter().map(|(_, value)| value.clone()))
        && pair.goal.is_none_or(|there| arrives((from, goal), there, pair, &values));
    if !taken {
        execute(from, "ROLLBACK TO seed")?;
    }
    execute(from, "RELEASE seed")?;
    Ok(taken)
}

fn try_insert(conn: &Connection, sql: &str, values: impl Iterator<Item = Value> + Clone) -> bool {
    let insert = || conn.prepare_cached(sql)?.execute(params_from_iter(values.clone()));
    for _ in 0..20 {
        match insert() {
            Ok(_) => return true,
            Err(error) if super::missing::provide(conn, &error) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Whether the goal's table takes the row, as the plan would bring it there.
fn arrives(
    (from, goal): (&Connection, &Connection),
    there: &Table,
    pair: &SeedPair<'_>,
    values: &[(&Column, Value)],
) -> bool {
    if there.is_virtual() {
        return true;
    }
    let known = match stored(from, pair) {
        Some(known) => known,
        None => {
            let given = |of: &Ident| values.iter().find(|(column, _)| column.name == *of);
            let value = |of: &Ident| given(of).map_or(Value::Null, |(_, value)| value.clone());
            pair.columns.iter().map(|(of, to)| (to, value(of))).collect()
        }
    };
    let row: Vec<String> = known.iter().map(|(name, _)| format!("? AS {}", quote(name.as_str()))).collect();
    let copied: Vec<(String, String)> = match &pair.copy {
        Some(copy) => copy
            .iter()
            .filter(|copied| !["rowid", "_rowid_", "oid"].contains(&copied.value.as_str()))
            .map(|copied| (copied.column.clone(), copied.value.clone()))
            .collect(),
        None => known
            .iter()
            .filter(|(name, _)| there.column(name).is_some_and(|column| column.generated.is_none()))
            .map(|(name, _)| (quote(name.as_str()), quote(name.as_str())))
            .collect(),
    };
    if copied.is_empty() || row.is_empty() {
        return try_insert(
            goal,
            &format!("INSERT OR ABORT INTO {} DEFAULT VALUES", main_name(&there.name)),
            std::iter::empty(),
        );
    }
    let (columns, expressions): (Vec<_>, Vec<_>) = copied.into_iter().unzip();
    let sql = format!(
        "INSERT OR ABORT INTO {} ({}) SELECT {} FROM (SELECT {})",
        main_name(&there.name),
        columns.join(", "),
        expressions.join(", "),
        row.join(", ")
    );
    try_insert(goal, &sql, known.into_iter().map(|(_, value)| value))
}

/// The row that was inserted last, as it is stored: defaults and conversions included.
fn stored<'a>(from: &Connection, pair: &'a SeedPair<'_>) -> Option<Vec<(&'a Ident, Value)>> {
    let rowid = crate::plan::rowid_name(pair.from, pair.from)?;
    let names: Vec<String> = pair.columns.iter().map(|(of, _)| quote(of.as_str())).collect();
    if names.is_empty() {
        return None;
    }
    let sql = format!(
        "SELECT {} FROM {} WHERE {rowid} = last_insert_rowid()",
        names.join(", "),
        main_name(&pair.from.name)
    );
    let read = |row: &rusqlite::Row<'_>| {
        pair.columns.iter().enumerate().map(|(i, (_, to))| Ok((to, row.get(i)?))).collect::<Result<Vec<_>>>()
    };
    from.prepare_cached(&sql).ok()?.query_row([], read).ok()
}

/// The value of a column in row `k`; `None` leaves it out.
fn value(table: &Table, column: &Column, k: usize, style: Style) -> Option<Value> {
    let number = k as i64 + 1;
    let declared = column.declared_type.to_ascii_uppercase();
    let has = |part: &str| declared.contains(part);
    let plain = || {
        if has("INT") {
            Value::Integer(number)
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Value::Text(format!("v{number}"))
        } else if has("BLOB") {
            Value::Blob(vec![0, 255, k as u8])
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Value::Real(k as f64 + 0.5)
        } else {
            Value::Integer(number)
        }
    };
    match style {
        Style::Plain => Some(plain()),
        Style::Literal => {
            let known = literals(table, column);
            Some(match known.get(k % known.len().max(1)) {
                Some(value) => value.clone(),
                None => plain(),
            })
        }
        Style::Odd if table.rowid_alias().is_some_and(|alias| alias.name == column.name) => Some(plain()),
        Style::Odd => Some(match plain() {
            Value::Text(_) => Value::Blob(vec![k as u8]),
            _ => Value::Text(format!("'{number}\"")),
        }),
        Style::Sparse if column.not_null.is_some() && column.default.is_none() => Some(plain()),
        // What a default made of it can be read back by its rowid only.
        Style::Sparse if in_key(table, column) || table.without_rowid => Some(plain()),
        Style::Sparse if column.default.is_some() => None,
        Style::Sparse => Some(Value::Null),
    }
}

fn in_key(table: &Table, column: &Column) -> bool {
    table.primary_key.iter().any(|key| key.columns.iter().any(|key| key.name == column.name))
}

/// The literals in checks that mention the column.
fn literals(table: &Table, column: &Column) -> Vec<Value> {
    let mut found = Vec::new();
    for check in &table.checks {
        let all: Vec<_> = tokens(&check.expr.text).collect();
        if !all.iter().any(|token| token.can_be_name() && column.name == *token.unquoted()) {
            continue;
        }
        found.extend(all.iter().filter_map(|token| match token.kind {
            Kind::String => Some(Value::Text(token.unquoted())),
            Kind::Number => token.text.parse().map(Value::Integer).ok(),
            _ => None,
        }));
    }
    found
}

/// Leaves gaps in the rowids, and counters that are ahead of them.
fn thin_out(from: &Connection, goal: &Connection, pair: &SeedPair<'_>) -> Result<()> {
    let Some(rowid) = crate::plan::rowid_name(pair.from, pair.from) else { return Ok(()) };
    let delete = |conn: &Connection, table: &Ident| {
        let table = main_name(table);
        execute(
            conn,
            &format!(
                "DELETE FROM {table} WHERE {rowid} IN (2, (SELECT max({rowid}) FROM {table})) AND 3 < (SELECT count(*) FROM {table})"
            ),
        )
    };
    delete(from, &pair.from.name)?;
    match pair.goal {
        Some(there) if crate::plan::rowid_name(there, there) == Some(rowid) && !there.is_virtual() => {
            delete(goal, &there.name)
        }
        _ => Ok(()),
    }
}

/// Removes rows that have no parent in `judge` from both; gives their number.
fn orphans<'a>(
    judge: &Connection,
    from: &Connection,
    pairs: &'a [SeedPair<'a>],
    named: impl Fn(&'a SeedPair<'a>) -> Option<&'a Ident>,
) -> Result<usize> {
    let mut found: Vec<(String, Option<i64>)> = Vec::new();
    for pair in pairs {
        let Some(table) = named(pair) else { continue };
        // A key that cannot be checked at all is told by the check after the run.
        let Ok(mut check) =
            judge.prepare(&format!("PRAGMA main.foreign_key_check({})", quote(table.as_str())))
        else {
            continue;
        };
        let rows =
            check.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?)))?;
        found.extend(rows.filter_map(Result::ok));
    }
    for (table, rowid) in &found {
        let table = Ident::from(table.as_str());
        let Some(pair) = pairs.iter().find(|pair| named(pair) == Some(&table)) else { continue };
        let mut both = vec![(from, &pair.from.name)];
        both.push((judge, &table));
        for (conn, name) in both {
            let condition = rowid.map_or(String::new(), |rowid| format!(" WHERE rowid = {rowid}"));
            let title = main_name(name);
            if execute(conn, &format!("DELETE FROM {title}{condition}")).is_err() {
                execute(conn, &format!("DELETE FROM {title}"))?;
            }
        }
    }
    Ok(found.len())
}
