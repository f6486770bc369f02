//! Something to put where a value was lost and NULL cannot stand: what is worth trying, the plainest first. Whether a
//! table takes one of them, only SQLite can tell.

use std::collections::BTreeSet;

use super::text::{as_expression, mentions};
use crate::schema::{Check, Column, Ident, IndexTerm, Table};
use crate::sql::{Affinity, Kind, quote_string, tokens};

/// The longest text that is made because a check has its length.
const LONGEST: usize = 200;

/// How many literals of the checks are looked at.
const LITERALS: usize = 40;

/// A column that comes back, and what its rows might hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vacancy {
    /// The column.
    pub column: Ident,
    /// What a new row holds that nobody gives a value: the default or NULL. `None` where it must be given one.
    pub by_itself: Option<String>,
    /// SQL expressions over the other columns, the plainest first. None for a key: its value is another one in each row,
    /// or the key of another table's row.
    pub candidates: Vec<String>,
    /// Whether a check has a say in it.
    pub checked: bool,
}

impl Vacancy {
    /// What may be said of a column before any row is looked at; `None` where a row takes it as it is, whatever it holds.
    /// `lost` are all columns of the table that come back.
    pub fn of(table: &Table, column: &Column, lost: &BTreeSet<Ident>) -> Option<Vacancy> {
        let names = BTreeSet::from([column.name.clone()]);
        let checks: Vec<&Check> =
            table.checks.iter().filter(|check| mentions(&check.expr.text, &names)).collect();
        let default = column.default.as_ref().and_then(|default| as_expression(&default.text));
        let refuses_null =
            column.not_null.is_some() || (table.in_primary_key(&column.name) && table.key_is_not_null());
        // A STRICT table may have a default that it does not take.
        let is_sure = checks.is_empty() && !(table.strict && default.is_some());
        let by_itself = default.or_else(|| (!refuses_null).then(|| "NULL".to_owned()));
        if by_itself.is_some() && is_sure {
            return None;
        }
        let mut candidates = Vec::new();
        if !is_key(table, column) {
            candidates = plain(column, &checks, table, lost);
            let mut seen = BTreeSet::new();
            candidates.retain(|candidate| seen.insert(candidate.clone()));
        }
        Some(Vacancy { column: column.name.clone(), by_itself, candidates, checked: !checks.is_empty() })
    }
}

/// Whether its values tell rows apart, or refer to others.
fn is_key(table: &Table, column: &Column) -> bool {
    let is = |name: &Ident| *name == column.name;
    let names = BTreeSet::from([column.name.clone()]);
    let in_index = |key: &IndexTerm| match key {
        IndexTerm::Column(name) => is(name),
        IndexTerm::Expr(expr) => mentions(&expr.text, &names),
    };
    table.keys().flatten().any(|key| is(&key.name))
        || table.foreign_keys.iter().any(|key| key.columns.iter().any(is))
        || table
            .indexes
            .values()
            .any(|index| index.unique && index.keys.iter().any(|key| in_index(&key.term)))
}

/// What SQLite makes of a declared type, as far as an empty value is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Whole,
    Real,
    Blob,
    Text,
}

fn class(table: &Table, column: &Column) -> Class {
    let says = |part: &str| column.declared_type.to_ascii_uppercase().contains(part);
    match Affinity::stated(&column.declared_type, table.strict) {
        Some(Affinity::Integer) => Class::Whole,
        Some(Affinity::Real) => Class::Real,
        Some(Affinity::Blob) => Class::Blob,
        // DATETIME is NUMERIC, too.
        Some(Affinity::Numeric) if says("BOOL") || says("NUM") || says("DEC") => Class::Whole,
        _ => Class::Text,
    }
}

fn plain(column: &Column, checks: &[&Check], table: &Table, lost: &BTreeSet<Ident>) -> Vec<String> {
    let class = class(table, column);
    let empty = match class {
        Class::Whole => "0",
        Class::Real => "0.0",
        Class::Blob => "x''",
        Class::Text => "''",
    };
    if checks.is_empty() {
        return vec![empty.to_owned()];
    }
    let (texts, numbers) = literals(checks);
    let mut found = texts;
    found.extend(beside(column, checks, table, lost, empty));
    // In a column of texts a number is a length, or nearly always.
    let takes_numbers = class != Class::Text || column.declared_type.is_empty();
    if takes_numbers {
        found.extend(numbers.iter().map(|(text, _)| text.clone()));
    }
    found.push(empty.to_owned());
    if takes_numbers {
        found.extend(between(&numbers, class));
    }
    let lengths: BTreeSet<usize> = numbers.iter().flat_map(|(_, value)| length(*value)).collect();
    match class {
        Class::Whole | Class::Real => found.extend(["1", "-1", "0.5"].map(str::to_owned)),
        Class::Blob => {
            found.push("x'00'".to_owned());
            found.extend(lengths.iter().map(|length| format!("x'{}'", "00".repeat(*length))));
        }
        Class::Text => {
            found.push("'?'".to_owned());
            for filler in ["?", "0", "a", "A"] {
                found.extend(lengths.iter().map(|length| quote_string(&filler.repeat(*length))));
            }
            found.extend(SHAPES.iter().map(|shape| quote_string(shape)));
        }
    }
    found
}

/// Texts of the shapes that checks ask for.
const SHAPES: [&str; 15] = [
    "{}",
    "[]",
    "null",
    "1970-01-01",
    "1970-01-01T00:00:00Z",
    "1970-01-01 00:00:00",
    "00:00:00",
    "00000000-0000-4000-8000-000000000000",
    "00000000000000000000000000",
    "nobody@example.org",
    "https://example.org/",
    "/",
    "a",
    "A",
    "0",
];

/// The strings of the checks but for their patterns, and their numbers, each as it is written.
fn literals(checks: &[&Check]) -> (Vec<String>, Vec<(String, f64)>) {
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    for check in checks {
        let mut before = "";
        for token in tokens(&check.expr.text) {
            let is_pattern = ["GLOB", "LIKE", "REGEXP", "MATCH"]
                .iter()
                .any(|operator| before.eq_ignore_ascii_case(operator));
            match token.kind {
                Kind::String | Kind::Blob if !is_pattern && texts.len() < LITERALS => {
                    texts.push(token.text.to_owned());
                }
                Kind::Number if numbers.len() < LITERALS => {
                    numbers.extend(token.text.parse().ok().map(|value: f64| (token.text.to_owned(), value)));
                }
                _ => {}
            }
            before = token.text;
        }
    }
    (texts, numbers)
}

/// Numbers around those of the checks, and between them.
fn between(numbers: &[(String, f64)], class: Class) -> Vec<String> {
    let mut values: Vec<f64> = numbers.iter().map(|(_, value)| *value).filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let around = values.iter().flat_map(|value| [value + 1.0, value - 1.0, -value]);
    let middles = values.iter().zip(values.iter().skip(1)).map(|(low, high)| f64::midpoint(*low, *high));
    around.chain(middles).filter(|value| value.is_finite()).map(|value| shown(value, class)).collect()
}

/// The shortest digits that mean the number.
fn shown(value: f64, class: Class) -> String {
    let is_whole = value.fract() == 0.0 && value.abs() < 1e15;
    match class {
        Class::Real => format!("{value:?}"),
        _ if is_whole => format!("{value:.0}"),
        _ => format!("{value:?}"),
    }
}

/// How long a value may have to be when a check speaks of this number.
fn length(number: f64) -> Vec<usize> {
    let is_length = number.fract() == 0.0 && (0.0..=LONGEST as f64).contains(&number);
    let length = number as usize;
    if is_length { vec![length, length + 1, length.saturating_sub(1)] } else { Vec::new() }
}

/// Columns of the same type that a check names along with this one: `low` for `CHECK (low <= high)`.
fn beside(
    column: &Column,
    checks: &[&Check],
    table: &Table,
    lost: &BTreeSet<Ident>,
    empty: &str,
) -> Vec<String> {
    let others = table.columns.iter().filter(|other| {
        let names = BTreeSet::from([other.name.clone()]);
        !lost.contains(&other.name)
            && other.generated.is_none()
            && other.declared_type.eq_ignore_ascii_case(&column.declared_type)
            && checks.iter().any(|check| mentions(&check.expr.text, &names))
    });
    others
        .flat_map(|other| {
            let name = other.name.shown();
            let where_null = format!("coalesce({name}, {empty})");
            [name, where_null]
        })
        .collect()
}
