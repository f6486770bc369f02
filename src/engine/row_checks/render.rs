//! The statements.

use super::formats;
use crate::engine::catalog::inspect::main_name;
use crate::row_checks::{
    FIRST, Json, OneOf, Promise, RowKey, Storage, TableChecks, Test, UniqueTerm, ValueCheck,
};
use crate::schema::Ident;
use crate::sql::quote;

/// Columns of a key that are shown.
const KEY_COLUMNS: usize = 16;

/// What is asked of the rows that break a check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Term {
    /// How many, whether another check has the same cause, and the keys of the first.
    Keys,
    /// The same without keys.
    Cause,
    /// How many.
    Count,
}

/// How the format of a text is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Formats {
    /// By the functions that [`super::functions`] registers.
    ByFunctions,
    /// In SQL alone.
    BySql,
}

/// A table, as the statements name it.
pub(crate) struct CheckedTable {
    formats: Formats,
    /// `main."t"`
    name: String,
    /// `t`
    plain: String,
    /// Quoted.
    key: Vec<String>,
    key_names: Vec<String>,
}

impl CheckedTable {
    pub(crate) fn of(checks: &TableChecks, formats: Formats) -> CheckedTable {
        let (key, key_names) = match &checks.key {
            RowKey::Columns(columns) => columns
                .iter()
                .take(KEY_COLUMNS)
                .map(|column| (quote(column.as_str()), column.as_str().to_owned()))
                .unzip(),
            RowKey::Rowid(name) => (vec![(*name).to_owned()], vec!["rowid".to_owned()]),
            RowKey::Nothing => (Vec::new(), Vec::new()),
        };
        CheckedTable {
            formats,
            name: main_name(&checks.table),
            plain: checks.table.as_str().to_owned(),
            key,
            key_names,
        }
    }

    pub(crate) fn key_names(&self) -> Vec<String> {
        self.key_names.clone()
    }

    pub(crate) fn key_len(&self) -> usize {
        self.key.len()
    }

    /// The table's name as it is.
    pub(crate) fn plain_name(&self) -> &str {
        &self.plain
    }

    /// The lowest and the highest rowid, which take two steps down the tree.
    pub(crate) fn ends(&self, rowid: &str) -> String {
        let CheckedTable { name, .. } = self;
        format!("SELECT (SELECT min({rowid}) FROM {name}), (SELECT max({rowid}) FROM {name})")
    }

    /// `main."t"`
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The columns of the key, quoted.
    pub(crate) fn key(&self) -> &[String] {
        &self.key
    }

    /// What is true of a row that breaks the `i`th check.
    pub(crate) fn is_bad(&self, checks: &[ValueCheck], i: usize) -> String {
        checks.get(i).map(|check| condition(check, self.formats)).unwrap_or_default()
    }

    /// What is true of a row that breaks none of the checks that have the same cause as the `i`th. To be evaluated only for
    /// rows that break that one.
    pub(crate) fn is_unexplained(&self, checks: &[ValueCheck], i: usize) -> String {
        let others = checks.get(i).map(|check| check.explained_by.as_slice()).unwrap_or_default();
        if others.is_empty() {
            return "1".to_owned();
        }
        let others: Vec<String> =
            others.iter().map(|&other| format!("({})", self.is_bad(checks, other))).collect();
        format!("({}) IS NOT TRUE", others.join(" OR "))
    }

    /// One pass for some of the checks, a result column for each; with the name of the rowid, over the rows from `?1` to
    /// `?2`.
    pub(crate) fn scan(&self, checks: &[ValueCheck], some: &[(usize, Term)], rowid: Option<&str>) -> String {
        let terms: Vec<String> = some
            .iter()
            .map(|&(i, term)| {
                let call = match term {
                    Term::Keys => self.bad(&self.is_unexplained(checks, i), ""),
                    Term::Cause => format!("planctl_bad({})", self.is_unexplained(checks, i)),
                    Term::Count => "count(*)".to_owned(),
                };
                format!("{call} FILTER (WHERE {})", self.is_bad(checks, i))
            })
            .collect();
        let block = rowid.map_or(String::new(), |rowid| format!(" WHERE {rowid} BETWEEN ?1 AND ?2"));
        format!("SELECT {} FROM {} NOT INDEXED{block}", terms.join(", "), self.name)
    }

    /// Children without a parent; all of them, where there are no columns of a parent.
    pub(crate) fn anti_join(&self, columns: &[Ident], parent: &Ident, parent_columns: &[Ident]) -> String {
        format!("SELECT {} {}", self.bad("1", "c."), self.without_parent(columns, parent, parent_columns))
    }

    /// Where they are, as `c`. The comparison is that of a foreign key: with the affinity and collation of the parent's
    /// column (<https://www.sqlite.org/foreignkeys.html#fk_basics>); `+` takes away the child's own.
    pub(crate) fn without_parent(
        &self,
        columns: &[Ident],
        parent: &Ident,
        parent_columns: &[Ident],
    ) -> String {
        let pairs = columns.iter().zip(parent_columns);
        let on: Vec<String> = pairs
            .map(|(child, parent)| format!("p.{} = +c.{}", quote(parent.as_str()), quote(child.as_str())))
            .collect();
        let there: Vec<String> =
            columns.iter().map(|column| is_there(&format!("c.{}", quote(column.as_str())))).collect();
        let join = parent_columns.first().map(|missing| {
            let (parent, on, missing) = (main_name(parent), on.join(" AND "), quote(missing.as_str()));
            (format!(" LEFT JOIN {parent} AS p ON {on}"), format!("p.{missing} IS NULL AND "))
        });
        let (join, missing) = join.unwrap_or_default();
        format!("FROM {} AS c{join} WHERE {missing}{}", self.name, there.join(" AND "))
    }

    /// Groups of rows that have the same terms: how many rows, and the terms.
    pub(crate) fn groups(&self, terms: &[UniqueTerm], filter: Option<&str>) -> String {
        let values: Vec<String> = terms.iter().map(|term| format!("({})", term.sql)).collect();
        let not_null: Vec<String> = values.iter().map(|value| format!("{value} IS NOT NULL")).collect();
        let by: Vec<String> = terms.iter().map(collated).collect();
        // IS NOT NULL is nothing to SQLite where the column is NOT NULL; the groups are few enough to look at.
        let there: Vec<String> = values.iter().map(|value| is_there(value)).collect();
        format!(
            "SELECT count(*), {} FROM {} WHERE {}{} GROUP BY {} HAVING count(*) > 1 AND {}",
            values.join(", "),
            self.name,
            not_null.join(" AND "),
            and(filter),
            by.join(", "),
            there.join(" AND ")
        )
    }

    /// The keys of the first rows in these groups, whose terms are the parameters.
    pub(crate) fn members(
        &self,
        terms: &[UniqueTerm],
        filter: Option<&str>,
        groups: usize,
    ) -> Option<String> {
        if self.key.is_empty() {
            return None;
        }
        let mut parameter = 0;
        let mut group = || {
            let same = terms.iter().map(|term| {
                parameter += 1;
                format!("{} = ?{parameter}", collated(term))
            });
            format!("({})", same.collect::<Vec<_>>().join(" AND "))
        };
        let groups: Vec<String> = (0..groups).map(|_| group()).collect();
        Some(format!(
            "SELECT {} FROM {} WHERE ({}){} ORDER BY {} LIMIT {FIRST}",
            self.key.join(", "),
            self.name,
            groups.join(" OR "),
            and(filter),
            self.key.join(", ")
        ))
    }

    fn bad(&self, unexplained: &str, alias: &str) -> String {
        let keys: String = self.key.iter().map(|key| format!(", {alias}{key}")).collect();
        format!("planctl_bad({unexplained}{keys})")
    }
}

/// The WHERE of a partial index behind other conditions.
pub(crate) fn and(filter: Option<&str>) -> String {
    filter.map_or(String::new(), |filter| format!(" AND ({filter})"))
}

/// A term, compared as the index compares it.
pub(crate) fn collated(term: &UniqueTerm) -> String {
    match &term.collation {
        Some(collation) => format!("({}) COLLATE {}", term.sql, quote(collation)),
        None => format!("({})", term.sql),
    }
}

/// Not NULL, whatever the column's declaration makes SQLite believe.
fn is_there(value: &str) -> String {
    format!("typeof({value}) <> 'null'")
}

/// What is true of a row that breaks the check.
fn condition(check: &ValueCheck, formats: Formats) -> String {
    let column = check.stated.columns.first().map(|column| quote(column.as_str())).unwrap_or_default();
    match &check.test {
        Test::Null { declared: false } => format!("{column} IS NULL"),
        Test::Null { declared: true } => format!("typeof({column}) = 'null'"),
        Test::Promise(promise) => against(promise, &column, formats),
        Test::Meant { listed, meant } => {
            format!("{} AND {}", list(&column, "IN", meant), list(&column, "NOT IN", listed))
        }
        Test::Type { wanted, refuses: true, is_text } => refused(*wanted, *is_text, &column),
        Test::Type { wanted, refuses: false, is_text } => changed(*wanted, *is_text, &column),
        Test::Check { condition } => format!("NOT ({condition})"),
        Test::Unique { .. } | Test::ForeignKey { .. } => "0".to_owned(),
    }
}

fn against(promise: &Promise, column: &str, formats: Formats) -> String {
    let by_sql = formats == Formats::BySql;
    match promise {
        Promise::Ulid if by_sql => format!("NOT {}", formats::ulid(column)),
        Promise::Ulid => format!("NOT planctl_ulid({column})"),
        Promise::Uuid if by_sql => format!("NOT {}", formats::uuid(column)),
        Promise::Uuid => format!("NOT planctl_uuid({column})"),
        Promise::Json(Json::Text) => format!("NOT json_valid({column})"),
        Promise::Json(Json::TextOrBinary) => format!("NOT json_valid({column}, 9)"),
        Promise::Json(Json::Json5) => format!("NOT json_valid({column}, 2)"),
        Promise::Timestamp(wanted) if by_sql => format!("NOT {}", formats::timestamp(column, *wanted)),
        Promise::Timestamp(wanted) => {
            format!("NOT planctl_timestamp({column}, {}, {})", wanted.time as u8, u8::from(wanted.utc))
        }
        Promise::OneOf(one_of) => list(column, "NOT IN", one_of),
    }
}

fn list(column: &str, operator: &str, one_of: &OneOf) -> String {
    let collate = one_of.collation.as_ref().map(|name| format!(" COLLATE {}", quote(name)));
    format!("{column}{} {operator} ({})", collate.unwrap_or_default(), one_of.literals.join(", "))
}

/// The values that would not be the same in a column of that type. Numbers in text may be spelt as SQLite spells them
/// (a REAL in any way), numbers may become text and whole numbers integers, as long as the way back gives the same
/// (<https://www.sqlite.org/datatype3.html#type_affinity>).
/// What a column that refuses other classes refuses, or makes another value of.
fn refused(wanted: Storage, is_text: bool, c: &str) -> String {
    match wanted {
        Storage::Integer => format!(
            "CASE typeof({c}) WHEN 'integer' THEN 0 WHEN 'null' THEN 0 WHEN 'real' THEN CAST({c} AS INTEGER) <> {c} \
             WHEN 'text' THEN CAST(CAST({c} AS INTEGER) AS TEXT) <> {c} ELSE 1 END"
        ),
        Storage::Real => format!(
            "CASE typeof({c}) WHEN 'real' THEN 0 WHEN 'null' THEN 0 WHEN 'integer' THEN CAST({c} AS REAL) <> {c} \
             WHEN 'text' THEN (CAST({c} AS REAL) = {c}) IS NOT TRUE ELSE 1 END"
        ),
        Storage::Text if is_text => format!("typeof({c}) = 'blob'"),
        Storage::Text => format!(
            "CASE typeof({c}) WHEN 'blob' THEN 1 WHEN 'real' THEN CAST(CAST({c} AS TEXT) AS REAL) <> {c} ELSE 0 END"
        ),
        Storage::Blob => format!("typeof({c}) NOT IN ('blob', 'null')"),
    }
}

/// What a column that stores anything makes another value of: a text that is a number and is spelt otherwise than the number,
/// a number that no REAL is, a REAL of which a text is not all. What it cannot make anything of it keeps as it is.
fn changed(wanted: Storage, is_text: bool, c: &str) -> String {
    match wanted {
        Storage::Integer => format!(
            "typeof({c}) = 'text' AND CAST({c} AS NUMERIC) = {c} \
             AND CAST(CAST({c} AS NUMERIC) AS TEXT) <> CAST({c} AS TEXT)"
        ),
        Storage::Real => format!(
            "typeof({c}) IN ('integer', 'text') AND CAST({c} AS NUMERIC) = {c} \
             AND CAST({c} AS REAL) <> CAST({c} AS NUMERIC)"
        ),
        Storage::Text if !is_text => {
            format!("typeof({c}) = 'real' AND CAST(CAST({c} AS TEXT) AS REAL) <> {c}")
        }
        Storage::Text | Storage::Blob => "0".to_owned(),
    }
}
