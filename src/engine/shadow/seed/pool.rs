//! Which kinds of value a column takes: what its type, its name and its constraints suggest, and its constraints allow.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use rusqlite::types::Value;

use super::make::Make;
use crate::migrations::testing;
use crate::sample::Random;
use crate::schema::{Check, Column, Ident, IndexTerm, Table};
use crate::sql::{Affinity, Kind, quote, tokens};

/// What each column of a table takes.
pub(crate) struct Pools {
    /// In the order of the columns. Empty for one that no value was found for.
    pub(crate) of_column: Vec<Vec<Make>>,
}

impl Pools {
    /// What the columns of `table` take. `unique` are the columns that are a key by themselves; `examples` gives values
    /// that are known to be in a column, `wanted` kinds that somebody else would like there.
    pub(crate) fn new(
        conn: &Connection,
        table: &Table,
        unique: &HashSet<&Ident>,
        examples: impl Fn(&Ident) -> Vec<Value>,
        wanted: impl Fn(&Ident) -> Vec<Make>,
    ) -> rusqlite::Result<Pools> {
        let mut of_column = Vec::with_capacity(table.columns.len());
        let about = Mentioned::by_checks(table);
        for column in &table.columns {
            let about = about.get(&column.name);
            let checks: Vec<&Check> = about.into_iter().flatten().map(|mentioned| mentioned.check).collect();
            let known = examples(&column.name);
            let is_unique = unique.contains(&column.name);
            let mut pool = if known.is_empty() || is_unique {
                usual(conn, table, column, is_unique)
            } else {
                known.into_iter().filter(|value| *value != Value::Null).map(Make::Fixed).collect()
            };
            if !checks.is_empty() {
                let affinity = stated(table, column);
                pool.extend(suggested(&checks));
                pool.extend(rare(affinity));
                if affinity == Some(Affinity::Text) {
                    pool.retain(|make| !matches!(make, Make::Blob(_)));
                }
            }
            pool.extend(wanted(&column.name));
            let alone: Vec<&Check> = (about.into_iter().flatten())
                .filter(|mentioned| mentioned.alone)
                .map(|mentioned| mentioned.check)
                .collect();
            let probe = Probe::new(conn, table, column, &alone)?;
            let mut allowed = probe.filter(&pool)?;
            if allowed.is_empty() {
                // Not every check can be asked by itself: then the INSERT decides.
                allowed = pool;
            }
            if is_nullable(table, column) && probe.allowed(&[Value::Null])? == [true] {
                allowed.push(Make::Null);
            }
            of_column.push(allowed);
        }
        Ok(Pools { of_column })
    }
}

/// Whether a column takes NULL as far as NOT NULL and its key are concerned. In most tables a primary key may hold NULL;
/// rows like that are nobody's wish.
pub(crate) fn is_nullable(table: &Table, column: &Column) -> bool {
    let in_key = |name: &Ident| {
        table.primary_key.as_ref().is_some_and(|key| key.columns.iter().any(|part| part.name == *name))
    };
    column.not_null.is_none() && !in_key(&column.name)
}

/// A check that mentions a column.
struct Mentioned<'t> {
    check: &'t Check,
    /// Whether it mentions no other.
    alone: bool,
}

impl<'t> Mentioned<'t> {
    /// The checks of a table by the columns that they mention. Each is read once, however many columns there are.
    fn by_checks(table: &'t Table) -> HashMap<&'t Ident, Vec<Mentioned<'t>>> {
        let mut found: HashMap<&Ident, Vec<Mentioned<'_>>> = HashMap::new();
        if table.checks.is_empty() {
            return found;
        }
        let columns: HashSet<&Ident> = table.columns.iter().map(|column| &column.name).collect();
        for check in &table.checks {
            let words = tokens(&check.expr.text)
                .filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
                .map(|token| Ident::from(token.unquoted()));
            let mentioned: HashSet<&Ident> = words.filter_map(|word| columns.get(&word).copied()).collect();
            let alone = mentioned.len() == 1;
            for column in mentioned {
                found.entry(column).or_default().push(Mentioned { check, alone });
            }
        }
        found
    }
}

/// The kinds that a column takes where it has another type in another table.
pub(crate) fn of_another_type(
    conn: &Connection,
    here: (&Table, &Column),
    there: (&Table, &Column),
) -> Vec<Make> {
    if stated(here.0, here.1) == stated(there.0, there.1) {
        Vec::new()
    } else {
        usual(conn, there.0, there.1, true)
    }
}

fn stated(table: &Table, column: &Column) -> Option<Affinity> {
    Affinity::stated(&column.declared_type, table.strict)
}

/// What the type, the name and the default suggest.
fn usual(conn: &Connection, table: &Table, column: &Column, is_unique: bool) -> Vec<Make> {
    let mut pool = match stated(table, column) {
        Some(Affinity::Integer | Affinity::Numeric)
            if table.rowid_alias().is_some_and(|alias| alias.name == column.name) =>
        {
            return vec![Make::Serial];
        }
        Some(Affinity::Text) => text(column),
        Some(Affinity::Integer) => integer(column),
        Some(Affinity::Real) => vec![Make::Real, Make::Serial],
        Some(Affinity::Numeric) => numeric(column),
        Some(Affinity::Blob) => vec![Make::Blob(12)],
        None => vec![Make::Word, Make::Serial, Make::Real, Make::Blob(6)],
    };
    if is_unique {
        return pool;
    }
    if pool.contains(&Make::Word) {
        pool.push(Make::Empty);
    }
    // A row that was written without the column.
    let default = column.default.as_ref().filter(|default| !default.text.eq_ignore_ascii_case("null"));
    if let Some(default) = default {
        let value = conn.query_row(&format!("SELECT ({})", default.text), [], |row| row.get(0));
        pool.extend(value.ok().map(Make::Fixed));
    }
    pool
}

fn text(column: &Column) -> Vec<Make> {
    let name = column.name.folded();
    let declared = column.declared_type.to_ascii_uppercase();
    let default = column.default.as_ref().map_or("", |default| default.text.as_str());
    let is = |end: &str| name == end.trim_start_matches('_') || name.ends_with(end);
    if default.starts_with("'[") || name.contains("json") && is("_list") {
        vec![Make::Array]
    } else if name.contains("json") || declared.contains("JSON") || default.starts_with("'{") {
        vec![Make::Object]
    } else if is("_at") || is("_date") || is("_time") || is("_timestamp") {
        vec![Make::Instant]
    } else if name.contains("uuid") || declared.contains("UUID") || declared.contains("CHAR(36)") {
        vec![Make::Uuid]
    } else if is("_id") {
        vec![Make::Ulid]
    } else if name.contains("email") {
        vec![Make::Email]
    } else if is("_url") || is("_uri") {
        vec![Make::Url]
    } else {
        vec![Make::Word, Make::Unicode]
    }
}

fn integer(column: &Column) -> Vec<Make> {
    let name = column.name.folded();
    if name.ends_with("_at") || name.ends_with("timestamp") {
        vec![Make::Seconds]
    } else if name.starts_with("is_") || name.starts_with("has_") {
        flags()
    } else {
        vec![Make::Serial, Make::Integer]
    }
}

fn numeric(column: &Column) -> Vec<Make> {
    let declared = column.declared_type.to_ascii_uppercase();
    if declared.contains("BOOL") {
        flags()
    } else if declared.contains("TIME") {
        vec![Make::Timestamp]
    } else if declared.contains("DATE") {
        vec![Make::Date]
    } else if declared.contains("JSON") {
        vec![Make::Object]
    } else if declared.contains("UUID") {
        vec![Make::Uuid]
    } else {
        vec![Make::Serial, Make::Real]
    }
}

fn flags() -> Vec<Make> {
    [0, 1].map(|flag| Make::Fixed(Value::Integer(flag))).into()
}

/// How many literals of checks a column's values are made from.
const LITERALS: usize = 1_000;

/// What the texts of checks suggest: their literals, and around their numbers, each once.
fn suggested(checks: &[&Check]) -> Vec<Make> {
    let mut pool = Vec::new();
    let mut seen = HashSet::new();
    let mut numbers: Vec<f64> = Vec::new();
    for check in checks {
        let mut before = "";
        for token in tokens(&check.expr.text) {
            let is_literal = matches!(token.kind, Kind::String | Kind::Quoted | Kind::Number);
            let pattern = ["GLOB", "LIKE"].into_iter().find(|word| before.eq_ignore_ascii_case(word));
            before = token.text;
            if !is_literal || seen.len() == LITERALS || !seen.insert((pattern, token.text)) {
                continue;
            }
            match (token.kind, pattern) {
                (Kind::Number, _) => {
                    pool.extend(around(token.text));
                    numbers.extend(token.text.parse::<f64>().ok().filter(|number| number.is_finite()));
                }
                (_, Some("GLOB")) => pool.push(Make::Glob(token.unquoted())),
                (_, Some(_)) => pool.push(Make::Like(token.unquoted())),
                (Kind::String, None) => pool.push(Make::Fixed(Value::Text(token.unquoted()))),
                _ => {}
            }
        }
    }
    // `v > 0 AND v < 1`
    numbers.sort_by(f64::total_cmp);
    let middles = numbers.iter().zip(numbers.iter().skip(1)).map(|(low, high)| f64::midpoint(*low, *high));
    pool.extend(middles.map(|middle| Make::Fixed(Value::Real(middle))));
    pool
}

/// A number of a check may be a value, a bound, or a length.
fn around(number: &str) -> Vec<Make> {
    let Ok(value) = number.parse::<i64>() else {
        let value = number.parse::<f64>().ok().filter(|value| value.is_finite());
        return value.map(|value| Make::Fixed(Value::Real(value))).into_iter().collect();
    };
    let mut pool: Vec<Make> = [0, -1, 1]
        .iter()
        .filter_map(|step| value.checked_add(*step))
        .flat_map(|value| [value, value.saturating_neg()])
        .map(|value| Make::Fixed(Value::Integer(value)))
        .collect();
    if let Ok(length @ 1..=4096) = usize::try_from(value) {
        let lengths = [Make::Letters(length), Make::Digits(length), Make::Hex(length), Make::Blob(length)];
        pool.extend(lengths);
    }
    pool
}

/// Kinds that only a check asks for.
fn rare(affinity: Option<Affinity>) -> Vec<Make> {
    let numbers = [Make::Serial, Make::Integer, Make::Real, Make::Seconds];
    match affinity {
        Some(Affinity::Integer) => numbers.into(),
        Some(Affinity::Real | Affinity::Numeric) => {
            let mut pool = Vec::from(numbers);
            pool.extend([Make::Timestamp, Make::Date, Make::Object, Make::Array, Make::Ulid, Make::Uuid]);
            pool
        }
        Some(Affinity::Blob) => [1, 8, 16, 20, 32, 64].map(Make::Blob).into(),
        Some(Affinity::Text) | None => vec![
            Make::Word,
            Make::Ulid,
            Make::Uuid,
            Make::Hex(16),
            Make::Hex(32),
            Make::Hex(64),
            Make::Date,
            Make::Instant,
            Make::Timestamp,
            Make::Object,
            Make::Array,
            Make::Email,
            Make::Url,
            Make::Digits(6),
            Make::Letters(2),
            Make::Letters(8),
        ],
    }
}

/// An empty table with one column of another and no constraints, in which a value is what it will be in the real one: with
/// the affinity and the collation of its column. One with all columns would cost a wide table the square of its width.
struct Probe<'c> {
    conn: &'c Connection,
    column: &'c Column,
    /// What is asked, which mentions no other column. Where it is nothing, there is no table.
    checks: &'c [&'c Check],
}

const PROBE: &str = "temp.planctl_probe";

impl<'c> Probe<'c> {
    fn new(
        conn: &'c Connection,
        table: &Table,
        column: &'c Column,
        checks: &'c [&'c Check],
    ) -> rusqlite::Result<Probe<'c>> {
        if !checks.is_empty() {
            let mut text = format!("{} {}", quote(column.name.as_str()), table.affinity(column).as_str());
            if let Some(collation) = &column.collation {
                text.push_str(&format!(" COLLATE {}", quote(collation)));
            }
            let strict = if table.strict { " STRICT" } else { "" };
            conn.execute_batch(&format!("CREATE TABLE {PROBE}({text}){strict}"))?;
        }
        Ok(Probe { conn, column, checks })
    }

    /// The kinds of which two values in a row pass all checks, each once.
    fn filter(&self, pool: &[Make]) -> rusqlite::Result<Vec<Make>> {
        let mut random = Random::new(0, self.column.name.as_str());
        let mut kinds: Vec<(&Make, usize)> = Vec::new();
        let mut values = Vec::new();
        for make in pool {
            if kinds.iter().any(|(known, _)| *known == make) {
                continue;
            }
            let before = values.len();
            values.extend([1, 2].into_iter().filter_map(|n| make.value(n, &mut random)));
            kinds.push((make, values.len() - before));
        }
        let mut answers = self.allowed(&values)?.into_iter();
        // All answers of a kind are taken, also behind the first refusal.
        let mut passes = |count: usize| answers.by_ref().take(count).filter(|allowed| !allowed).count() == 0;
        Ok(kinds.into_iter().filter(|(_, count)| passes(*count)).map(|(make, _)| make.clone()).collect())
    }

    /// For each value, whether every check is true or NULL. One that cannot be asked here is none to go by.
    ///
    /// A check may be as long as SQLite takes it: it is compiled once, and run once for all values.
    fn allowed(&self, values: &[Value]) -> rusqlite::Result<Vec<bool>> {
        let mut allowed = vec![self.checks.is_empty(); values.len()];
        if self.checks.is_empty() {
            return Ok(allowed);
        }
        self.conn.execute(&format!("DELETE FROM {PROBE}"), [])?;
        let insert = format!("INSERT INTO {PROBE}({}) VALUES(?1)", quote(self.column.name.as_str()));
        let mut insert = self.conn.prepare(&insert)?;
        // The answers about the values that are in the table, in its order.
        let mut held: Vec<&mut bool> = Vec::new();
        for (value, answer) in values.iter().zip(&mut allowed) {
            if insert.execute([value]).is_ok() {
                *answer = true;
                held.push(answer);
            }
        }
        for check in self.checks {
            let text = &check.expr.text;
            let sql = format!(
                "SELECT iif(({text}) IS NULL, 1, iif(({text}), 1, 0)) FROM {PROBE} LIMIT -1 OFFSET ?1"
            );
            let Ok(mut ask) = self.conn.prepare(&sql) else { continue };
            let mut at = 0;
            while at < held.len() {
                let mut rows = ask.query([at as i64])?;
                while let Some(answer) = held.get_mut(at) {
                    at += 1;
                    let passes = rows.next().and_then(|row| row.map_or(Ok(false), |row| row.get(0)));
                    **answer &= *passes.as_ref().unwrap_or(&false);
                    if passes.is_err() {
                        // A value that the check fails on ends the statement: it goes on behind that one.
                        break;
                    }
                }
            }
        }
        Ok(allowed)
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if self.checks.is_empty() {
            return;
        }
        // What is left of it when this fails is a temporary table of a shadow database.
        drop(self.conn.execute_batch(&format!("DROP TABLE {PROBE}")));
    }
}

/// Columns that are unique by themselves.
pub(crate) fn unique_columns(table: &Table) -> HashSet<&Ident> {
    let mut unique = HashSet::new();
    let keys =
        table.primary_key.iter().map(|key| &key.columns).chain(table.uniques.iter().map(|key| &key.columns));
    for columns in keys {
        if let [only] = columns.as_slice() {
            unique.insert(&only.name);
        }
    }
    for index in table.indexes.values().filter(|index| index.unique) {
        if let [only] = index.keys.as_slice()
            && let IndexTerm::Column(name) = &only.term
        {
            unique.insert(name);
        }
    }
    unique
}

/// The value as it is bound.
pub(crate) fn sqlite_value(value: &testing::Value) -> Value {
    match value {
        testing::Value::Null => Value::Null,
        testing::Value::Integer(number) => Value::Integer(*number),
        testing::Value::Real(real) => Value::Real(f64::from_bits(real.bits)),
        testing::Value::Text(text) => Value::Text(text.clone()),
        testing::Value::Blob(bytes) => Value::Blob(bytes.clone()),
    }
}
