//! Deletes that leave something to a foreign key's ON DELETE, which does not act while a migration runs.

use crate::base::rule::LintRule;
use crate::migrations::lint::{Raised, UpText};
use crate::schema::{ForeignKeyAction, Ident, Schema, Table, shown_list};

/// What is raised of a migration that began on `before`.
pub(crate) fn raised(before: &Schema, text: &UpText<'_>) -> Vec<Raised> {
    let mut raised = Vec::new();
    for deletion in text.deletions() {
        for child in before.tables.values().filter(|child| !deletion.others.contains(&child.name)) {
            let keys = child.foreign_keys.iter().filter(|key| key.parent == deletion.table);
            for (what, instead) in keys.filter_map(|key| does(child, &key.columns, key.on_delete)) {
                let (parent, child) = (deletion.table.shown(), child.name.shown());
                raised.push(Raised::new(
                    LintRule::DeleteWithoutCascade,
                    deletion.at,
                    format!(
                        "this deletes rows of {parent} and leaves those of {child} that refer to them: {what} does not act \
                         while a migration runs"
                    ),
                    format!("{instead} in this file, before the DELETE"),
                ));
            }
        }
    }
    raised
}

/// What the foreign key says happens, and what to do in its place.
fn does(child: &Table, columns: &[Ident], action: ForeignKeyAction) -> Option<(String, String)> {
    let child = child.name.shown();
    let set = |value: &str| {
        let set: Vec<String> = columns.iter().map(|name| format!("{} = {value}", name.shown())).collect();
        format!("`UPDATE {child} SET {} WHERE …`", set.join(", "))
    };
    let instead = match action {
        ForeignKeyAction::Cascade => format!("`DELETE FROM {child} WHERE …`"),
        ForeignKeyAction::SetNull => set("NULL"),
        ForeignKeyAction::SetDefault => set("…"),
        ForeignKeyAction::NoAction | ForeignKeyAction::Restrict => return None,
    };
    let said = action.as_str();
    Some((format!("ON DELETE {said} of {child}({})", shown_list(columns)), instead))
}
