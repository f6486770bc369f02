//! Views and triggers that do not compile, as changes: each has to go, or to become one that does.

use super::change::{Change, Element, ObjectKind, ObjectName, ObjectRef};
use crate::base::rule::Difference;
use crate::schema::{Ident, Schema};

/// A view or trigger that does not compile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which of both it is.
    pub kind: ObjectKind,
    /// Its name.
    pub name: Ident,
    /// What the engine says.
    pub message: String,
    /// Names of which one may be that of what is not there any more, or is another thing by now.
    pub about: Vec<Ident>,
}

/// What does not compile on either side, one change for each object; a side where it is sound, or not there, has no
/// text. Of a schema that is compared with itself both lists are the same.
pub fn broken(expected: (&Schema, &[Broken]), actual: (&Schema, &[Broken])) -> Vec<Change> {
    let find = |side: &[Broken], object: &Broken| {
        let same = |other: &&Broken| other.kind == object.kind && other.name == object.name;
        side.iter().find(same).map(|broken| broken.message.clone())
    };
    let of_expected = expected.1.iter().map(|object| {
        let actual = find(actual.1, object);
        Some(change(expected.0, object, Element::Object)?.sides(Some(object.message.clone()), actual))
    });
    let only_there = actual.1.iter().filter(|object| find(expected.1, object).is_none()).map(|object| {
        let known = match object.kind {
            ObjectKind::Trigger => expected.0.triggers.contains_key(&object.name),
            _ => expected.0.views.contains_key(&object.name),
        };
        let element = if known { Element::Object } else { Element::Nothing };
        Some(change(actual.0, object, element)?.actual(object.message.clone()))
    });
    let mut changes: Vec<Change> = of_expected.chain(only_there).flatten().collect();
    changes.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    changes
}

fn change(schema: &Schema, object: &Broken, element: Element) -> Option<Change> {
    let (difference, table) = match object.kind {
        ObjectKind::Trigger => (Difference::BrokenTrigger, &schema.triggers.get(&object.name)?.table),
        _ => (Difference::BrokenView, &object.name),
    };
    let object = ObjectRef::part(table, object.kind, ObjectName::Own(object.name.clone()));
    Some(Change::new(difference, object, element))
}
