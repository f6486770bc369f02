//! The plan of `audit --data`: everything that the spec states of rows, in the database's names.
//!
//! What the database enforces itself is checked all the same, since rows get past constraints (`PRAGMA
//! ignore_check_constraints`, foreign keys that are off, columns that were added later); a row check more costs little
//! in a pass that is made anyway. Left out is only what no row can break: the rowid's type, and a UNIQUE that an index
//! of the database keeps.

mod expression;

use std::collections::HashMap;

use self::expression::{as_stored, columns_of, with_string_literals};
use super::comment_constraints::{self, Said, comment_constraints};
use super::{Deviation, Kind, Names, Places};
use crate::base::rule::RowRule;
use crate::base::source::{Location, SourceFile};
use crate::diff::Element;
use crate::row_checks::{
    OneOf, Promise, RowKey, Stated, Storage, TableChecks, Test, Unchecked, UniqueTerm, ValueCheck, ValuePlan,
};
use crate::schema::{
    Check, Column, ForeignKey, Ident, Index, IndexTerm, KeyColumn, PrimaryKey, Schema, Table, Unique,
    shown_list,
};
use crate::sql::{Affinity, one_line, same_tokens};

/// The spec, as the plan is made from it.
#[derive(Clone, Copy)]
pub struct Spec<'a> {
    /// Its text.
    pub source: &'a SourceFile,
    /// Its schema, with the ledger's renames applied.
    pub schema: &'a Schema,
    /// Its schema in its own names, where they differ.
    pub written: Option<&'a Schema>,
    /// From the database's names to the spec's.
    pub names: &'a Names,
}

/// What is to be checked, and all that is stated: a statement about a column that the database does not have is not
/// checked, but the ledger may speak of it.
#[derive(Debug)]
pub struct Plan {
    /// For the engine.
    pub checks: ValuePlan,
    /// What the spec states, each with its table in the database's names.
    pub stated: Vec<(Ident, Stated)>,
}

/// Plans the checks of a database with the schema `live`. Values that entries of the ledger mean to be there are
/// counted by themselves.
pub fn plan(spec: Spec<'_>, live: &Schema, deviations: &[Deviation]) -> Plan {
    let places = Places::of(spec.source);
    let constraints = comment_constraints(spec.source);
    let mut plan = Plan { checks: ValuePlan::default(), stated: Vec::new() };
    for (name, table) in &spec.schema.tables {
        if table.is_virtual() {
            continue;
        }
        let unchecked = |what: Option<String>, why: &str, location: Option<Location>| Unchecked {
            table: name.clone(),
            what,
            why: why.to_owned(),
            location,
        };
        let there = live.tables.get(name);
        let why = match there {
            _ if table.unread.is_some() => Some("the spec's statement could not be read"),
            Some(there) if there.is_virtual() => Some("it is a virtual table in the database"),
            Some(there) if there.unread.is_some() => Some("the database's statement could not be read"),
            None if live.views.contains_key(name) => Some("it is a view in the database"),
            _ => None,
        };
        if let Some(why) = why {
            plan.checks.unchecked.push(unchecked(None, why, None));
            continue;
        }
        let mut planner = Planner {
            spec,
            spec_table: spec.names.table(name),
            table,
            places: &places,
            constraints: &constraints,
            deviations,
            checks: Vec::new(),
            open_lists: Vec::new(),
        };
        planner.all();
        let (checks, open_lists) = (planner.checks, planner.open_lists);
        plan.stated.extend(checks.iter().map(|check| (name.clone(), check.stated.clone())));
        // A missing table is told by the audit.
        let Some(there) = there else { continue };
        for (column, place) in open_lists.into_iter().filter(|(column, _)| there.column(column).is_some()) {
            let what = format!("the list in the comment on {}", column.shown());
            plan.checks.unchecked.push(unchecked(Some(what), OPEN_LIST, Some(place)));
        }
        let checks = against(checks, table, there, live);
        if !checks.is_empty() {
            let key = row_key(there);
            plan.checks.tables.push(TableChecks { table: there.name.clone(), key, checks });
        }
    }
    plan
}

/// Gathers what the spec states of one table.
struct Planner<'a> {
    spec: Spec<'a>,
    spec_table: Ident,
    table: &'a Table,
    places: &'a Places<'a>,
    constraints: &'a HashMap<(Ident, Ident), (Said, Location)>,
    deviations: &'a [Deviation],
    checks: Vec<ValueCheck>,
    /// Columns whose comment begins like a list of values and can't be read as one.
    open_lists: Vec<(Ident, Location)>,
}

/// Why a list is not checked, and what to do.
const OPEN_LIST: &str = "it leaves open which values there are; write 'a' | 'b', and everything else after the last value, as in \
     'a' | 'b': what it is";

impl Planner<'_> {
    fn all(&mut self) {
        for column in &self.table.columns {
            self.null(column);
            self.promise(column);
            self.storage(column);
        }
        self.conditions();
        self.uniques();
        self.foreign_keys();
    }

    fn push(
        &mut self,
        rule: RowRule,
        columns: Vec<Ident>,
        expected: String,
        place: Option<Location>,
        test: Test,
    ) {
        let (name, is_primary_key, written, meant) = Default::default();
        let location = place;
        let stated = Stated { rule, columns, name, is_primary_key, expected, written, meant, location };
        self.checks.push(ValueCheck { stated, test, explained_by: Vec::new() });
    }

    /// Adds to what was pushed last how the spec has it in its own names.
    fn as_written(&mut self, text: impl FnOnce(&Schema, &Table) -> Option<String>) {
        let table = self.spec.written.and_then(|schema| Some((schema, schema.tables.get(&self.spec_table)?)));
        if let (Some((schema, table)), Some(pushed)) = (table, self.checks.last_mut()) {
            pushed.stated.written = text(schema, table).filter(|text| *text != pushed.stated.expected);
        }
    }

    fn find(&self, element: &Element) -> Option<Location> {
        self.places.find(Kind::Relation, &self.spec_table, element)
    }

    fn spec_column(&self, column: &Ident) -> Ident {
        self.spec.names.column(&self.table.name, column)
    }

    fn null(&mut self, column: &Column) {
        let table = self.table;
        // Only there does PRIMARY KEY imply NOT NULL (<https://www.sqlite.org/lang_createtable.html#the_primary_key>).
        let implied = table.without_rowid || table.strict || table.rowid_alias().is_some();
        if column.not_null.is_some() || implied && table.in_primary_key(&column.name) {
            let expected = if column.not_null.is_some() { "NOT NULL" } else { "PRIMARY KEY" };
            let place = self.find(&Element::Column(self.spec_column(&column.name)));
            let test = Test::Null { declared: false };
            self.push(RowRule::Null, vec![column.name.clone()], expected.to_owned(), place, test);
        }
    }

    fn promise(&mut self, column: &Column) {
        let spec_column = self.spec_column(&column.name);
        let said = self.constraints.get(&(self.spec_table.clone(), spec_column.clone()));
        let (mut promise, place) = match said {
            None => return,
            Some((Said::Promise(promise), place)) => (promise.clone(), place),
            Some((Said::OpenList, place)) => {
                self.open_lists.push((column.name.clone(), place.clone()));
                return;
            }
        };
        let (rule, expected, columns) = (promise.rule(), promise.text(), vec![column.name.clone()]);
        if let Promise::OneOf(listed) = &mut promise {
            listed.collation.clone_from(&column.collation);
            let collation = column.collation.as_ref();
            let meant = self.meant(&spec_column, &listed.literals);
            for (text, literals) in &meant {
                let one_of = OneOf { literals: literals.clone(), collation: collation.cloned() };
                let test = Test::Meant { listed: listed.clone(), meant: one_of };
                self.push(rule, columns.clone(), expected.clone(), Some(place.clone()), test);
                if let Some(check) = self.checks.last_mut() {
                    check.stated.meant = Some(text.clone());
                }
            }
            // What is left over is what neither lists.
            listed.literals.extend(meant.into_iter().flat_map(|(_, literals)| literals));
        }
        self.push(rule, columns, expected, Some(place.clone()), Test::Promise(promise));
    }

    /// The values of a column that the ledger means to be there although they are not `listed`, entry by entry.
    fn meant(&self, spec_column: &Ident, listed: &[String]) -> Vec<(String, Vec<String>)> {
        let of_column = |entry: &&Deviation| {
            entry.rule == RowRule::Enum.into()
                && entry.table.as_ref() == Some(&self.spec_table)
                && entry.name.as_ref().is_some_and(|name| *spec_column == **name)
        };
        let entries = self.deviations.iter().filter(of_column).filter_map(|entry| entry.actual.as_ref());
        let not_listed = |text: &String| {
            let mut literals = comment_constraints::literals(text)?;
            literals.retain(|literal| !listed.contains(literal));
            (!literals.is_empty()).then(|| (text.clone(), literals))
        };
        entries.filter_map(not_listed).collect()
    }

    fn storage(&mut self, column: &Column) {
        // A rowid is an integer, in a table of any kind.
        let refuses = self.table.strict || self.table.is_rowid(&column.name);
        let Some(wanted) = Storage::of(self.table, column) else { return };
        let expected = column.declared_type.clone();
        let place = self.find(&Element::Column(self.spec_column(&column.name)));
        self.push(
            RowRule::Type,
            vec![column.name.clone()],
            expected,
            place,
            Test::Type { wanted, refuses, is_text: false },
        );
    }

    fn conditions(&mut self) {
        for (i, check) in self.table.checks.iter().enumerate() {
            let columns = columns_of(self.table, &check.expr.text);
            let condition = with_string_literals(self.table, &check.expr.text);
            let place = self.find(&Element::Check(i));
            self.push(RowRule::Check, columns, text(check), place, Test::Check { condition });
            if let Some(pushed) = self.checks.last_mut() {
                pushed.stated.name.clone_from(&check.name);
            }
            // A rename leaves constraints in their order.
            self.as_written(|_, written| written.checks.get(i).map(text));
        }
    }

    fn uniques(&mut self) {
        let table = self.table;
        let names = KeyColumn::names;
        let key_test = |columns: &[KeyColumn]| Test::Unique {
            terms: columns.iter().map(|column| key_term(table, column)).collect(),
            filter: None,
        };
        if let Some(key) = &table.primary_key {
            let text = |key: &PrimaryKey| format!("PRIMARY KEY ({})", shown_list(&names(&key.columns)));
            let place = self.find(&Element::PrimaryKey);
            if self.unique(names(&key.columns), text(key), place, key_test(&key.columns)) {
                self.as_written(|_, written| written.primary_key.as_ref().map(text));
                self.checks.last_mut().into_iter().for_each(|pushed| pushed.stated.is_primary_key = true);
            }
        }
        for (i, unique) in table.uniques.iter().enumerate() {
            let text = |unique: &Unique| format!("UNIQUE ({})", shown_list(&names(&unique.columns)));
            let place = self.find(&Element::Unique(i));
            if self.unique(names(&unique.columns), text(unique), place, key_test(&unique.columns)) {
                self.as_written(|_, written| written.uniques.get(i).map(text));
            }
        }
        for index in table.indexes.values().filter(|index| index.unique) {
            let mut columns = Vec::new();
            for key in &index.keys {
                columns.extend(match &key.term {
                    IndexTerm::Column(name) => vec![name.clone()],
                    IndexTerm::Expr(expr) => columns_of(table, &expr.text),
                });
            }
            columns.extend(index.filter.iter().flat_map(|filter| columns_of(table, &filter.text)));
            let text = format!("UNIQUE INDEX {}", index.name.shown());
            let place = self.places.find(Kind::Index, &index.name, &Element::Object);
            if self.unique(columns, text, place, index_test(table, index))
                && let Some(pushed) = self.checks.last_mut()
            {
                pushed.stated.name = Some(index.name.clone());
            }
        }
    }

    /// States it, unless the same was stated before.
    fn unique(&mut self, columns: Vec<Ident>, text: String, place: Option<Location>, test: Test) -> bool {
        let is_new = self.checks.iter().all(|check| check.test != test);
        if is_new {
            self.push(RowRule::Unique, columns, text, place, test);
        }
        is_new
    }

    fn foreign_keys(&mut self) {
        for (i, key) in self.table.foreign_keys.iter().enumerate() {
            let parent_columns = self.spec.schema.parent_columns(key);
            let text = reference(key, &parent_columns);
            let test = Test::ForeignKey { parent: key.parent.clone(), parent_columns };
            let place = self.find(&Element::ForeignKey(i));
            self.push(RowRule::ForeignKey, key.columns.clone(), text, place, test);
            self.as_written(|schema, written| {
                written.foreign_keys.get(i).map(|key| reference(key, &schema.parent_columns(key)))
            });
        }
    }
}

/// Those checks that the database's table has the columns for and that a row can break, fitted to it.
fn against(checks: Vec<ValueCheck>, table: &Table, there: &Table, live: &Schema) -> Vec<ValueCheck> {
    let has_columns =
        |check: &ValueCheck| check.stated.columns.iter().all(|column| there.column(column).is_some());
    let mut kept: Vec<ValueCheck> = Vec::new();
    for mut check in checks {
        if !has_columns(&check) {
            continue;
        }
        let column = check.stated.columns.first().and_then(|column| there.column(column));
        let is_alias = column.is_some_and(|column| there.is_rowid(&column.name));
        let keep = match (&mut check.test, column) {
            (Test::Null { declared }, Some(column)) => {
                // WITHOUT ROWID and STRICT make the key's columns NOT NULL without saying so.
                *declared = column.not_null.is_some() || there.in_primary_key(&column.name);
                !is_alias
            }
            (Test::Type { is_text, wanted, refuses }, Some(column)) => {
                *is_text = there.affinity(column) == Affinity::Text;
                let is_kept = !*refuses && *is_text && *wanted == Storage::Text;
                !is_kept && (!is_alias || !matches!(wanted, Storage::Integer | Storage::Real))
            }
            (Test::Unique { terms, filter }, _) => !is_kept_unique(there, terms, filter.as_deref()),
            (Test::Check { condition }, _) => {
                *condition = as_stored(condition, table, there);
                true
            }
            (Test::ForeignKey { parent, parent_columns }, _) => {
                // Where the parent is not there, or has no such columns, no row has one: SQLite says so, too, or that the
                // key does not fit ("mismatch").
                let parent = live.tables.get(parent).filter(|parent| !parent.is_virtual());
                let fits = parent_columns.len() == check.stated.columns.len();
                let has = |table: &Table| parent_columns.iter().all(|name| table.column(name).is_some());
                if !(fits && parent.is_some_and(has)) {
                    parent_columns.clear();
                }
                true
            }
            _ => true,
        };
        if keep {
            kept.push(check);
        }
    }
    explain(&mut kept, table);
    kept
}

/// Says of each CHECK and each type which other checks of the same column have the same cause.
fn explain(checks: &mut [ValueCheck], table: &Table) {
    let of_column: Vec<(usize, bool, Ident)> = checks
        .iter()
        .enumerate()
        .filter_map(|(i, check)| {
            let promise = matches!(check.test, Test::Promise(_) | Test::Meant { .. });
            let other = matches!(check.test, Test::Null { .. } | Test::Type { .. });
            let [column] = check.stated.columns.as_slice() else { return None };
            (promise || other).then(|| (i, promise, column.clone()))
        })
        .collect();
    for check in checks {
        let [column] = check.stated.columns.as_slice() else { continue };
        let same = of_column.iter().filter(|(_, _, other)| other == column);
        check.explained_by = match &check.test {
            Test::Check { .. } if table.column(column).is_some() => same.map(|(i, ..)| *i).collect(),
            Test::Type { .. } => same.filter(|(_, promise, _)| *promise).map(|(i, ..)| *i).collect(),
            _ => Vec::new(),
        };
    }
}

fn row_key(table: &Table) -> RowKey {
    if let Some(key) = &table.primary_key {
        return RowKey::Columns(KeyColumn::names(&key.columns));
    }
    table.rowid_name().map_or(RowKey::Nothing, RowKey::Rowid)
}

fn text(check: &Check) -> String {
    format!("CHECK ({})", one_line(&check.expr.text))
}

fn reference(key: &ForeignKey, parent_columns: &[Ident]) -> String {
    let to = match parent_columns {
        [] => String::new(),
        columns => format!(" ({})", shown_list(columns)),
    };
    format!("FOREIGN KEY ({}) REFERENCES {}{to}", shown_list(&key.columns), key.parent.shown())
}

fn key_term(table: &Table, key: &KeyColumn) -> UniqueTerm {
    let own = || table.collation_of(&key.name);
    let collation = key.collation.as_deref().unwrap_or_else(own).to_ascii_uppercase();
    UniqueTerm { sql: key.name.quoted(), collation: Some(collation).filter(|name| name != "BINARY") }
}

fn index_test(table: &Table, index: &Index) -> Test {
    let term = |key: &crate::schema::IndexKey| match &key.term {
        IndexTerm::Column(name) => {
            let key = KeyColumn { name: name.clone(), collation: key.collation.clone(), descending: false };
            key_term(table, &key)
        }
        IndexTerm::Expr(expr) => UniqueTerm {
            sql: with_string_literals(table, &expr.text),
            collation: key.collation.as_ref().map(|name| name.to_ascii_uppercase()),
        },
    };
    Test::Unique {
        terms: index.keys.iter().map(term).collect(),
        filter: index.filter.as_ref().map(|filter| with_string_literals(table, &filter.text)),
    }
}

/// Whether an index of the database's table keeps such duplicates out: on the same terms or some of them, for the
/// same rows or more.
fn is_kept_unique(there: &Table, terms: &[UniqueTerm], filter: Option<&str>) -> bool {
    let same = |a: &UniqueTerm, b: &UniqueTerm| a.collation == b.collation && same_tokens(&a.sql, &b.sql);
    let keeps = |kept: &[UniqueTerm], of: Option<&str>| {
        let same_rows = match (of, filter) {
            (None, _) => true,
            (Some(of), Some(filter)) => same_tokens(of, filter),
            (Some(_), None) => false,
        };
        same_rows && !kept.is_empty() && kept.iter().all(|kept| terms.iter().any(|term| same(kept, term)))
    };
    let key_terms = |columns: &[KeyColumn]| -> Vec<UniqueTerm> {
        columns.iter().map(|column| key_term(there, column)).collect()
    };
    there.keys().any(|columns| keeps(&key_terms(columns), None))
        || there.indexes.values().filter(|index| index.unique && index.unread.is_none()).any(|index| {
            match index_test(there, index) {
                Test::Unique { terms, filter } => keeps(&terms, filter.as_deref()),
                _ => false,
            }
        })
}
