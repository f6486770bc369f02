//! Rows for a scratch database: such as both schemas can hold, so that what a plan does to them can be judged.

use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

use super::inspect::main_name;
use super::rehearsal::execute;
use crate::engine::SeedPair;
use crate::plan::rowid_name;
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
        thin_out(from, pair.from)?;
    }
    // A row whose parent is gone goes as well, and may be a parent itself.
    for _ in 0..=ROWS {
        let mut broken = 0;
        for pair in pairs {
            broken += without_orphans(from, from, pair, Some(pair.from))?;
        }
        for pair in pairs {
            again(from, goal, pair)?;
        }
        for pair in pairs {
            broken += without_orphans(goal, from, pair, pair.goal)?;
        }
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
        && pair.goal.is_none_or(|there| {
            let last = inserted(from, pair, &values);
            arrives(goal, there, pair, &last)
        });
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

/// A row on its way: its rowid, and what stands in the columns that both tables have.
struct Row {
    rowid: Value,
    values: Vec<Value>,
}

/// The row that was inserted last: as it is stored, where it can be found again.
fn inserted(from: &Connection, pair: &SeedPair<'_>, given: &[(&Column, Value)]) -> Row {
    let last = rows(from, pair, "last_insert_rowid()").ok().and_then(|mut rows| rows.pop());
    last.unwrap_or_else(|| {
        let value = |of: &Ident| given.iter().find(|(column, _)| column.name == *of);
        let value = |of: &Ident| value(of).map_or(Value::Null, |(_, value)| value.clone());
        Row { rowid: Value::Null, values: pair.columns.iter().map(|(of, _)| value(of)).collect() }
    })
}

/// The rows of the table; only that of one rowid, unless it has none.
fn rows(from: &Connection, pair: &SeedPair<'_>, which: &str) -> Result<Vec<Row>> {
    let rowid = rowid_name(pair.from, pair.from);
    let names: String = pair.columns.iter().map(|(of, _)| format!(", {}", quote(of.as_str()))).collect();
    let condition = match (rowid, which) {
        (_, "") => String::new(),
        (Some(rowid), which) => format!(" WHERE {rowid} = {which}"),
        (None, _) => return Ok(Vec::new()),
    };
    let table = main_name(&pair.from.name);
    let sql = format!("SELECT {}{names} FROM {table}{condition}", rowid.unwrap_or("NULL"));
    let mut statement = from.prepare_cached(&sql)?;
    let found = statement.query_map([], |row| {
        let values = (1..=pair.columns.len()).map(|i| row.get(i)).collect::<Result<_>>()?;
        Ok(Row { rowid: row.get(0)?, values })
    })?;
    found.collect()
}

/// Whether the goal's table takes the row, as the plan would bring it there.
fn arrives(goal: &Connection, there: &Table, pair: &SeedPair<'_>, row: &Row) -> bool {
    if there.is_virtual() {
        return true;
    }
    let title = main_name(&there.name);
    let names = pair.columns.iter().map(|(_, to)| to);
    let mut source: Vec<String> =
        names.clone().map(|name| format!("? AS {}", quote(name.as_str()))).collect();
    let mut bound = row.values.clone();
    let rowid = rowid_name(pair.from, there);
    if let Some(rowid) = rowid {
        source.push(format!("? AS {rowid}"));
        bound.push(row.rowid.clone());
    }
    let (columns, expressions): (Vec<String>, Vec<String>) = match &pair.copy {
        Some(copy) => copy.iter().map(|copied| (copied.column.clone(), copied.value.clone())).unzip(),
        None => {
            let carried = rowid.filter(|_| !there.without_rowid && there.rowid_alias().is_none());
            let own = names
                .filter(|name| there.column(name).is_some_and(|column| column.generated.is_none()))
                .map(|name| quote(name.as_str()));
            own.chain(carried.map(str::to_owned)).map(|name| (name.clone(), name)).unzip()
        }
    };
    if columns.is_empty() || source.is_empty() {
        let sql = format!("INSERT OR ABORT INTO {title} DEFAULT VALUES");
        return try_insert(goal, &sql, std::iter::empty());
    }
    let sql = format!(
        "INSERT OR ABORT INTO {title} ({}) SELECT {} FROM (SELECT {})",
        columns.join(", "),
        expressions.join(", "),
        source.join(", ")
    );
    try_insert(goal, &sql, bound.iter().cloned())
}

/// Brings the goal's table to what the rows that are left make of it.
fn again(from: &Connection, goal: &Connection, pair: &SeedPair<'_>) -> Result<()> {
    let Some(there) = pair.goal.filter(|there| !there.is_virtual()) else { return Ok(()) };
    execute(goal, &format!("DELETE FROM {}", main_name(&there.name)))?;
    for row in rows(from, pair, "")? {
        arrives(goal, there, pair, &row);
    }
    Ok(())
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
fn thin_out(from: &Connection, table: &Table) -> Result<()> {
    let Some(rowid) = rowid_name(table, table) else { return Ok(()) };
    let table = main_name(&table.name);
    let sql = format!(
        "DELETE FROM {table} WHERE {rowid} IN (2, (SELECT max({rowid}) FROM {table})) AND 3 < (SELECT count(*) FROM {table})"
    );
    execute(from, &sql)
}

/// Takes rows out of `from` that have no parent in `judge`, where the table is `named`; gives how many there were.
fn without_orphans(
    judge: &Connection,
    from: &Connection,
    pair: &SeedPair<'_>,
    named: Option<&Table>,
) -> Result<usize> {
    let Some(named) = named.filter(|table| !table.is_virtual()) else { return Ok(0) };
    // A key that cannot be checked at all is told by the check after the run.
    let Ok(mut check) =
        judge.prepare(&format!("PRAGMA main.foreign_key_check({})", quote(named.name.as_str())))
    else {
        return Ok(0);
    };
    let found = check.query_map([], |row| row.get::<_, Option<i64>>(1))?;
    let found: Vec<Option<i64>> = found.filter_map(Result::ok).collect();
    let same_rows = std::ptr::eq(named, pair.from)
        || (named.rowid_alias().map(|alias| &alias.name) == pair.from.rowid_alias().map(|alias| &alias.name));
    let rowid = rowid_name(pair.from, named).filter(|_| same_rows && !named.without_rowid);
    for orphan in &found {
        let condition = match (rowid, orphan) {
            (Some(name), Some(rowid)) => format!(" WHERE {name} = {rowid}"),
            _ => String::new(),
        };
        execute(from, &format!("DELETE FROM {}{condition}", main_name(&pair.from.name)))?;
    }
    Ok(found.len())
}
