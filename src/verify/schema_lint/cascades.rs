//! Deletes that leave something to a foreign key's ON DELETE, which does not act while a migration runs.

use crate::base::rule::LintRule;
use crate::migrations::lint::{SchemaRaised, UpText};
use crate::schema::{ForeignKeyAction, Schema, Table};
use crate::sql::display_name;

/// What is raised of a migration that began on `before`.
pub(crate) fn raised(before: &Schema, text: &UpText<'_>) -> Vec<SchemaRaised> {
    let mut raised = Vec::new();
    for deletion in text.deletions() {
        for child in before.tables.values().filter(|child| !deletion.others.contains(&child.name)) {
            let key = child.foreign_keys.iter().find_map(|key| {
                let does = does(child, key.columns.iter().map(|c| display_name(c.as_str())), key.on_delete)?;
                (key.parent == deletion.table).then_some(does)
            });
            let Some((what, instead)) = key else { continue };
            let (parent, child) = (display_name(deletion.table.as_str()), display_name(child.name.as_str()));
            raised.push(SchemaRaised {
                rule: LintRule::DeleteWithoutCascade,
                at: deletion.at,
                message: format!(
                    "this deletes rows of {parent} and leaves those of {child} that refer to them: {what} does not act while a \
                     migration runs"
                ),
                help: format!("{instead} in this file, before the DELETE"),
                fix: None,
            });
        }
    }
    raised
}

/// What the foreign key says happens, and what to do in its place.
fn does(
    child: &Table,
    columns: impl Iterator<Item = String>,
    action: ForeignKeyAction,
) -> Option<(String, String)> {
    let child = display_name(child.name.as_str());
    let columns: Vec<String> = columns.collect();
    let set = |value: &str| {
        let set: Vec<String> = columns.iter().map(|column| format!("{column} = {value}")).collect();
        format!("`UPDATE {child} SET {} WHERE …`", set.join(", "))
    };
    let instead = match action {
        ForeignKeyAction::Cascade => format!("`DELETE FROM {child} WHERE …`"),
        ForeignKeyAction::SetNull => set("NULL"),
        ForeignKeyAction::SetDefault => set("…"),
        ForeignKeyAction::NoAction | ForeignKeyAction::Restrict => return None,
    };
    let said = action.as_str();
    Some((format!("ON DELETE {said} of {child}({})", columns.join(", ")), instead))
}
