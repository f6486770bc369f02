//! Parts of a schema as one line of SQL, written the same way for both sides.

use crate::schema::{
    Column, Conflict, ForeignKey, Ident, Index, IndexKey, IndexTerm, KeyColumn, PrimaryKey, Trigger,
    TriggerEvent, Unique, View, shown_list,
};
use crate::sql::{display_name, one_line};

fn key_columns(columns: &[KeyColumn]) -> String {
    let column = |column: &KeyColumn| {
        let mut text = column.name.shown();
        if let Some(collation) = &column.collation {
            text.push_str(&format!(" COLLATE {}", display_name(collation)));
        }
        if column.descending {
            text.push_str(" DESC");
        }
        text
    };
    columns.iter().map(column).collect::<Vec<_>>().join(", ")
}

pub(super) fn conflict(conflict: Conflict) -> String {
    format!("ON CONFLICT {}", conflict.as_str())
}

/// A column's definition without the constraints that are described on their own.
pub fn column(column: &Column) -> String {
    let mut text = column.name.shown();
    if !column.declared_type.is_empty() {
        text.push_str(&format!(" {}", column.declared_type));
    }
    if column.not_null.is_some() {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {}", one_line(&default.text)));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {}", display_name(collation)));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        text.push_str(&format!(" GENERATED ALWAYS AS ({}) {kind}", one_line(&generated.expr.text)));
    }
    text
}

pub(super) fn primary_key(key: &PrimaryKey) -> String {
    format!("PRIMARY KEY ({})", key_columns(&key.columns))
}

pub(super) fn unique(unique: &Unique) -> String {
    format!("UNIQUE ({})", key_columns(&unique.columns))
}

pub(super) fn foreign_key(key: &ForeignKey, parent_columns: &[Ident]) -> String {
    let mut text = format!("FOREIGN KEY ({}) REFERENCES {}", shown_list(&key.columns), key.parent.shown());
    if !parent_columns.is_empty() {
        text.push_str(&format!(" ({})", shown_list(parent_columns)));
    }
    let rules = foreign_key_rules(key);
    if !rules.is_empty() {
        text.push_str(&format!(" {rules}"));
    }
    text
}

/// What a foreign key says beyond its columns; empty when it says nothing but the defaults.
pub(super) fn foreign_key_rules(key: &ForeignKey) -> String {
    let mut rules = Vec::new();
    let default = crate::schema::ForeignKeyAction::default();
    if key.on_delete != default {
        rules.push(format!("ON DELETE {}", key.on_delete.as_str()));
    }
    if key.on_update != default {
        rules.push(format!("ON UPDATE {}", key.on_update.as_str()));
    }
    if key.match_type != "SIMPLE" {
        rules.push(format!("MATCH {}", key.match_type));
    }
    if key.deferred {
        rules.push("DEFERRABLE INITIALLY DEFERRED".to_owned());
    }
    rules.join(" ")
}

pub(super) fn index(index: &Index) -> String {
    if index.unread.is_some() {
        return one_line(&index.sql);
    }
    let keys: Vec<_> = index.keys.iter().map(index_key).collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let mut text = format!("{unique}({})", keys.join(", "));
    if let Some(filter) = &index.filter {
        text.push_str(&format!(" WHERE {}", one_line(&filter.text)));
    }
    text
}

fn index_key(key: &IndexKey) -> String {
    let mut text = match &key.term {
        IndexTerm::Column(name) => name.shown(),
        // COLLATE binds tighter than the operators of the expression.
        IndexTerm::Expr(expr) if key.collation.is_some() => format!("({})", one_line(&expr.text)),
        IndexTerm::Expr(expr) => one_line(&expr.text),
    };
    if let Some(collation) = &key.collation {
        text.push_str(&format!(" COLLATE {}", display_name(collation)));
    }
    if key.descending {
        text.push_str(" DESC");
    }
    text
}

pub(super) fn view(view: &View) -> String {
    if view.unread.is_some() {
        return one_line(&view.sql);
    }
    match &view.columns {
        Some(columns) => format!("({}) AS {}", shown_list(columns), one_line(&view.select.text)),
        None => one_line(&view.select.text),
    }
}

pub(super) fn trigger(trigger: &Trigger) -> String {
    if trigger.unread.is_some() {
        return one_line(&trigger.sql);
    }
    let event = match &trigger.event {
        TriggerEvent::Insert => "INSERT".to_owned(),
        TriggerEvent::Delete => "DELETE".to_owned(),
        TriggerEvent::Update(columns) if columns.is_empty() => "UPDATE".to_owned(),
        TriggerEvent::Update(columns) => format!("UPDATE OF {}", shown_list(columns)),
    };
    let when = trigger.when.as_ref().map_or(String::new(), |when| format!(" WHEN {}", one_line(&when.text)));
    format!(
        "{} {event} ON {}{when} {}",
        trigger.timing.as_str(),
        trigger.table.shown(),
        one_line(&trigger.body.text)
    )
}
