//! Foreign keys as relations between classes.

use super::names::{snake, words};
use crate::schema::{ForeignKey, Ident, KeyColumn, Schema, Table};

/// A foreign key between two tables that have classes, seen from both sides.
#[derive(Clone)]
pub(super) struct Relation<'a> {
    pub(super) child: &'a Table,
    pub(super) parent: &'a Table,
    pub(super) key: &'a ForeignKey,
    /// The columns that the key points to, in the order of its own.
    pub(super) parent_columns: Vec<Ident>,
    /// What the parent is to the child, as in `plan` or `root`; not yet a name that is free.
    pub(super) to_parent: String,
    /// What the children are to the parent.
    pub(super) to_children: String,
    /// Whether a parent has one child at most.
    pub(super) is_one_to_one: bool,
    /// Whether rows point to themselves, as a root ancestor does: the key says so by its name, or no first row could be.
    pub(super) has_loops: bool,
    /// Whether the two tables have several keys between them, or are one.
    pub(super) is_ambiguous: bool,
}

/// The relations of a schema. A key that does not fit its parent makes none, nor does one whose rows can only point to
/// themselves.
pub(super) fn relations<'a>(schema: &'a Schema, tables: &[&'a Table]) -> Vec<Relation<'a>> {
    let table = |name: &Ident| tables.iter().find(|table| table.name == *name).copied();
    let mut found = Vec::new();
    for &child in tables {
        let mut seen: Vec<(&Ident, &[Ident])> = Vec::new();
        for key in &child.foreign_keys {
            let Some(parent) = table(&key.parent) else { continue };
            let Some(parent_columns) = fitting(schema, key, parent) else { continue };
            let of_itself = child.name == parent.name;
            // A tenant, say, that parent and child have in common.
            let own: Vec<&Ident> = key
                .columns
                .iter()
                .zip(&parent_columns)
                .filter(|(own, other)| !of_itself || own != other)
                .map(|(own, _)| own)
                .collect();
            // SQLAlchemy knows no direction where a column is on both sides otherwise.
            let crosses = of_itself && own.iter().any(|column| parent_columns.contains(column));
            let to_itself = own.is_empty() || crosses;
            // The same key, stated twice, is one relation.
            if to_itself || seen.contains(&(&parent.name, key.columns.as_slice())) {
                continue;
            }
            seen.push((&parent.name, key.columns.as_slice()));
            let to_parent = to_parent(&own, parent, of_itself);
            let same = |other: &&ForeignKey| other.parent == parent.name;
            let several = child.foreign_keys.iter().filter(same).count() > 1;
            found.push(Relation {
                child,
                parent,
                key,
                parent_columns,
                to_children: to_children(child, parent, &to_parent, several),
                to_parent,
                has_loops: of_itself && has_loops(child, key),
                is_one_to_one: is_unique(child, &key.columns),
                is_ambiguous: several || of_itself || back(parent, child),
            });
        }
    }
    found
}

fn has_loops(table: &Table, key: &ForeignKey) -> bool {
    let mut columns = key.columns.iter().filter_map(|name| table.column(name));
    let is_root = |name: &Ident| words(name.as_str()).iter().any(|word| word.eq_ignore_ascii_case("root"));
    key.columns.iter().any(is_root) || columns.all(|column| table.refuses_null(column))
}

/// Whether `parent` has a key to `child`, too.
fn back(parent: &Table, child: &Table) -> bool {
    parent.foreign_keys.iter().any(|key| key.parent == child.name)
}

/// The columns of the parent that a key points to, when they are all there.
pub(super) fn fitting(schema: &Schema, key: &ForeignKey, parent: &Table) -> Option<Vec<Ident>> {
    let columns = schema.parent_columns(key);
    let fits = !columns.is_empty() && columns.len() == key.columns.len();
    fits.then(|| columns.iter().map(|name| Some(parent.column(name)?.name.clone())).collect())?
}

/// What a column that holds a parent's key says of the parent: `parent_plan_id` of plans is its `parent`.
fn to_parent(own: &[&Ident], parent: &Table, of_itself: bool) -> String {
    let [column] = own else { return snake(parent.name.as_str()) };
    let mut found = words(column.as_str());
    let ends = ["id", "uuid", "ulid", "name", "key", "code", "no", "ref"];
    if found.last().is_some_and(|word| ends.iter().any(|end| word.eq_ignore_ascii_case(end))) {
        found.pop();
    }
    if of_itself {
        // The word for the table itself says nothing more: a parent of a plan is a plan.
        let own = words(parent.name.as_str()).pop().unwrap_or_default().to_ascii_lowercase();
        let is_own = |word: &String| {
            let word = word.to_ascii_lowercase();
            own == word || own == format!("{word}s") || own == format!("{word}es")
        };
        if found.len() > 1
            && found.last().is_some_and(is_own)
            && ["parent", "root"].contains(&first(&found).as_str())
        {
            found.pop();
        }
    }
    if found.is_empty() { snake(parent.name.as_str()) } else { snake(&found.join("_")) }
}

fn first(words: &[String]) -> String {
    words.first().map(|word| word.to_ascii_lowercase()).unwrap_or_default()
}

fn to_children(child: &Table, parent: &Table, to_parent: &str, several: bool) -> String {
    if child.name == parent.name {
        return match to_parent {
            "parent" => "children".to_owned(),
            "root" => "tree".to_owned(),
            other => format!("{other}_of"),
        };
    }
    let children = snake(child.name.as_str());
    if several { format!("{children}_by_{to_parent}") } else { children }
}

/// Whether no two rows have the same values in these columns.
fn is_unique(table: &Table, columns: &[Ident]) -> bool {
    let among = |key: &[Ident]| !key.is_empty() && key.iter().all(|column| columns.contains(column));
    let of_index = |index: &crate::schema::Index| -> bool {
        let names: Option<Vec<Ident>> = index.keys.iter().map(|key| key.column().cloned()).collect();
        index.unique && index.filter.is_none() && names.is_some_and(|names| among(&names))
    };
    table.keys().any(|key| among(&KeyColumn::names(key))) || table.indexes.values().any(of_index)
}
