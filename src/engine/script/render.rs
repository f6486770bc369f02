//! The steps of a plan as SQLite's statements, laid out as one would write them.

use crate::engine::Rendered;
use crate::plan::{Action, Dropped, Fill, Hazard, Rebuild, Step, terminated, without_hints};
use crate::schema::Ident;
use crate::sql::{on_one_line, quote_string};

/// The widest line of a list of columns.
const WIDTH: usize = 100;

/// The steps as statements.
pub(crate) fn render(steps: &[Step]) -> Vec<Rendered> {
    steps.iter().map(step).collect()
}

fn step(step: &Step) -> Rendered {
    let name = |name: &Ident| name.shown();
    let (mut head, mut destructive) = (None, false);
    let statements = match &step.action {
        Action::RenameTable { from, to } | Action::PutInPlace { passing: from, table: to } => {
            vec![format!("ALTER TABLE {} RENAME TO {};", name(from), name(to))]
        }
        Action::RenameColumn { table, from, to } => {
            vec![format!("ALTER TABLE {} RENAME COLUMN {} TO {};", name(table), name(from), name(to))]
        }
        Action::Drop { kind, name: dropped, data } => {
            destructive = *data;
            let kind = match kind {
                Dropped::Table => "TABLE",
                Dropped::Index => "INDEX",
                Dropped::View => "VIEW",
                Dropped::Trigger => "TRIGGER",
            };
            vec![format!("DROP {kind} {};", name(dropped))]
        }
        Action::Create { sql, .. } => vec![terminated(&without_hints(sql))],
        Action::AddColumn { table, column, definition, fill } => {
            let add =
                format!("ALTER TABLE {} ADD COLUMN {}", name(table), terminated(&without_hints(definition)));
            let fill = fill.iter().map(|fill| format!("{};", update(table, column, fill)));
            std::iter::once(add).chain(fill).collect()
        }
        Action::DropColumn { table, column, data } => {
            destructive = *data;
            vec![format!("ALTER TABLE {} DROP COLUMN {};", name(table), name(column))]
        }
        Action::AlterNotNull { table, column, set, fill } => {
            let fill = fill.iter().map(|fill| update(table, column, fill));
            let (table, column) = (name(table), name(column));
            let verb = if *set { "SET" } else { "DROP" };
            let fill = fill.map(|update| format!("{update} WHERE {column} IS NULL;"));
            fill.chain([format!("ALTER TABLE {table} ALTER COLUMN {column} {verb} NOT NULL;")]).collect()
        }
        Action::AddCheck { table, name: named, condition } => {
            let constraint =
                named.as_ref().map_or(String::new(), |named| format!("CONSTRAINT {} ", name(named)));
            let end = if condition.contains("--") { "\n" } else { "" };
            vec![format!("ALTER TABLE {} ADD {constraint}CHECK ({condition}{end});", name(table))]
        }
        Action::DropCheck { table, name: named } => {
            vec![format!("ALTER TABLE {} DROP CONSTRAINT {};", name(table), name(named))]
        }
        Action::Rebuild(rebuild) => {
            head = Some(format!("The table {} is rebuilt:", name(&rebuild.table)));
            rebuilt(rebuild)
        }
        Action::DeferKeys => vec!["PRAGMA defer_foreign_keys = ON;".to_owned()],
        Action::Detach { table, values } => {
            let set = values.iter().map(|(column, value)| format!("{} = {value}", name(column)));
            vec![format!("UPDATE {} SET {};", name(table), set.collect::<Vec<_>>().join(", "))]
        }
        Action::FillIndex { table } => {
            vec![format!("INSERT INTO {0}({0}) VALUES ('rebuild');", name(table))]
        }
        Action::SetPragma { name, value } => vec![format!("PRAGMA {name} = {value};")],
    };
    let place = match &step.action {
        Action::Rebuild(_) => "  ".to_owned(),
        Action::AddColumn { table, .. }
        | Action::DropColumn { table, .. }
        | Action::AlterNotNull { table, .. }
        | Action::AddCheck { table, .. }
        | Action::DropCheck { table, .. } => format!("In {}: ", name(table)),
        _ => String::new(),
    };
    let mut comments: Vec<String> = head.into_iter().collect();
    comments.extend(step.why.iter().map(|why| format!("{place}{why}")));
    comments.extend(step.hazards.iter().map(Hazard::comment));
    for comment in &mut comments {
        *comment = on_one_line(comment);
    }
    Rendered { comments, statements, destructive }
}

/// The statement with which rows get a value, as far as it is about all of them.
fn update(table: &Ident, column: &Ident, fill: &Fill) -> String {
    let verb = if fill.has_conflict_clauses { "UPDATE OR ABORT" } else { "UPDATE" };
    format!("{verb} {} SET {} = {}", table.shown(), column.shown(), fill.value)
}

fn rebuilt(rebuild: &Rebuild) -> Vec<String> {
    let (table, passing) = (rebuild.table.shown(), rebuild.passing.shown());
    let mut statements: Vec<String> =
        rebuild.create.iter().map(|create| terminated(&without_hints(create))).collect();
    if !rebuild.copy.is_empty() {
        let verb = if rebuild.has_conflict_clauses { "INSERT OR ABORT" } else { "INSERT" };
        let columns: Vec<&str> = rebuild.copy.iter().map(|copied| copied.column.as_str()).collect();
        let values: Vec<&str> = rebuild.copy.iter().map(|copied| copied.value.as_str()).collect();
        statements.push(format!(
            "{verb} INTO {passing} ({})\nSELECT {}\nFROM {table};",
            list(&columns),
            list(&values)
        ));
    }
    if rebuild.sequence {
        let (of_new, of_old) = (quote_string(rebuild.passing.as_str()), quote_string(rebuild.table.as_str()));
        statements.push(format!("DELETE FROM sqlite_sequence WHERE name = {of_new};"));
        statements.push(format!(
            "INSERT INTO sqlite_sequence (name, seq)\nSELECT {of_new}, seq FROM sqlite_sequence WHERE name = {of_old} \
             COLLATE NOCASE;"
        ));
    }
    if !rebuild.apart {
        statements.push(format!("DROP TABLE {table};"));
        statements.push(format!("ALTER TABLE {passing} RENAME TO {table};"));
    }
    statements
}

/// A list, broken into lines where it is long.
fn list(items: &[&str]) -> String {
    let mut text = String::new();
    let mut width = 12;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            text.push(',');
            if width + item.len() > WIDTH {
                text.push_str("\n    ");
                width = 4;
            } else {
                text.push(' ');
            }
        }
        text.push_str(item);
        width += item.len() + 2;
    }
    text
}
