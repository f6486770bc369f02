//! Foreign keys as relationships, from both sides.

use super::layout::{Code, Lines};
use super::names::Class;
use super::table::sayable;
use crate::models::facts::{Facts, Source};
use crate::models::names::NamesTaken;
use crate::models::relation::Relation;
use crate::schema::{ForeignKey, ForeignKeyAction, Ident, Table};

/// A relation with the names that its two sides have in their classes.
pub(super) struct Relationship<'a> {
    pub(super) relation: Relation<'a>,
    /// The parent, in the child's class.
    pub(super) parent_name: String,
    /// The children, in the parent's class.
    pub(super) children_name: String,
}

/// The relations that SQLAlchemy can follow, with names for both sides.
pub(super) fn relationships<'a>(
    source: &Source<'_>,
    facts: &'a Facts<'a>,
    classes: &[Class<'_>],
    names: &mut [NamesTaken],
) -> Vec<Relationship<'a>> {
    let class = |name: &Ident| classes.iter().position(|class| class.model.table.name == *name);
    let mut found = Vec::new();
    let can_be_said =
        |relation: &&Relation<'_>| sayable(source.schema, facts, relation.child, relation.key).is_some();
    for relation in facts.relations.iter().filter(can_be_said) {
        let mut take = |table: &Ident, wanted: &str| {
            class(table).and_then(|at| names.get_mut(at)).map(|names| names.take(wanted)).unwrap_or_default()
        };
        let parent_name = take(&relation.child.name, &relation.to_parent);
        let children_name = take(&relation.parent.name, &relation.to_children);
        found.push(Relationship { relation: relation.clone(), parent_name, children_name });
    }
    found
}

/// The relationships of a class: to its parents, then to its children.
pub(super) fn write(lines: &mut Lines, class: &Class<'_>, classes: &[Class<'_>], all: &[Relationship<'_>]) {
    let of = |table: &Table| classes.iter().find(|class| class.model.table.name == table.name);
    for relationship in all.iter().filter(|r| r.relation.child.name == class.model.table.name) {
        let Some(parent) = of(relationship.relation.parent) else { continue };
        let columns = &relationship.relation.key.columns;
        let optional = class.model.fields.iter().any(|f| f.nullable && columns.contains(&f.column.name));
        let what = if optional { format!("{} | None", parent.name) } else { parent.name.clone() };
        let mut arguments = vec![written(relationship, &relationship.children_name)];
        arguments.extend(joined(relationship, class));
        if relationship.relation.child.name == relationship.relation.parent.name {
            let remote = attributes(parent, &relationship.relation.parent_columns);
            arguments.push(Code::named_text("remote_side", &remote));
        }
        arguments.extend(overlaps(relationship, all));
        lines.mapped(4, &relationship.parent_name, &what, &Code::Call("relationship", arguments));
    }
    for relationship in all.iter().filter(|r| r.relation.parent.name == class.model.table.name) {
        let Some(child) = of(relationship.relation.child) else { continue };
        let one = relationship.relation.is_one_to_one;
        let what = if one { format!("{} | None", child.name) } else { format!("list[{}]", child.name) };
        let mut arguments = vec![written(relationship, &relationship.parent_name)];
        if !relationship.relation.has_loops {
            arguments.extend(on_delete(relationship.relation.key.on_delete));
        }
        arguments.extend(joined(relationship, child));
        arguments.extend(overlaps(relationship, all));
        lines.mapped(4, &relationship.children_name, &what, &Code::Call("relationship", arguments));
    }
}

/// Which rows SQLAlchemy finds no order for: it writes a row after its parent, and deletes it before.
pub(super) fn orderless(classes: &[Class<'_>], all: &[Relationship<'_>]) -> Vec<String> {
    let of_itself = |class: &Class<'_>, relation: &Relation<'_>| {
        let table = &class.model.table.name;
        relation.child.name == *table && relation.parent.name == *table && !relation.has_loops
    };
    let items = classes.iter().flat_map(|class| {
        let own = all.iter().filter(move |relationship| of_itself(class, &relationship.relation));
        own.map(move |own| {
            format!("{}: one whose {} is the row itself, or below it", class.name, own.parent_name)
        })
    });
    items.collect()
}

/// Whether SQLite deletes rows of the class by a key that SQLAlchemy does not follow when it deletes, or follows in a circle:
/// it would wonder where they went.
pub(super) fn vanishes(class: &Class<'_>, all: &[Relationship<'_>]) -> bool {
    let is_followed = |key: &ForeignKey| {
        key.parent != class.model.table.name && all.iter().any(|known| std::ptr::eq(known.relation.key, key))
    };
    let mut cascading = class.model.table.foreign_keys.iter();
    cascading.any(|key| key.on_delete == ForeignKeyAction::Cascade && !is_followed(key))
}

/// What becomes of the children is SQLite's to say; those that are loaded follow where it deletes them.
fn on_delete(action: ForeignKeyAction) -> Vec<Code> {
    if action == ForeignKeyAction::Cascade {
        vec![Code::named_text("cascade", "all"), Code::named_word("passive_deletes", "True")]
    } else {
        vec![Code::named_text("passive_deletes", "all")]
    }
}

/// The other side of a relationship. Where rows point to themselves it is there to be read: SQLAlchemy finds no order in
/// which to write or delete such a row.
fn written(relationship: &Relationship<'_>, other: &str) -> Code {
    if relationship.relation.has_loops {
        Code::named_word("viewonly", "True")
    } else {
        Code::named_text("back_populates", other)
    }
}

/// Which key is meant, where there could be another one.
fn joined(relationship: &Relationship<'_>, child: &Class<'_>) -> Option<Code> {
    let columns = attributes(child, &relationship.relation.key.columns);
    relationship.relation.is_ambiguous.then(|| Code::named_text("foreign_keys", &columns))
}

/// Columns as an expression that SQLAlchemy evaluates once all classes are there.
fn attributes(class: &Class<'_>, columns: &[Ident]) -> String {
    let attribute = |column: &Ident| format!("{}.{}", class.name, class.attribute(column));
    match columns {
        [column] => attribute(column),
        columns => format!("[{}]", columns.iter().map(attribute).collect::<Vec<_>>().join(", ")),
    }
}

/// The relationships that write the same columns: SQLAlchemy asks whether that is meant.
fn overlaps(relationship: &Relationship<'_>, all: &[Relationship<'_>]) -> Option<Code> {
    let own = &relationship.relation;
    let shares = |other: &&Relationship<'_>| {
        other.relation.child.name == own.child.name
            && !other.relation.has_loops
            && !own.has_loops
            && !std::ptr::eq(other.relation.key, own.key)
            && other.relation.key.columns.iter().any(|column| own.key.columns.contains(column))
    };
    let mut names: Vec<&str> = Vec::new();
    for other in all.iter().filter(shares) {
        names.extend([other.parent_name.as_str(), other.children_name.as_str()]);
    }
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| Code::named_text("overlaps", &names.join(",")))
}
