//! A schema and what is said of it → the page that is written about it.

use crate::audit::{Ledger, Names, Rename};
use crate::ddl::{self, Kind, Notes};
use crate::report::schema_page::{
    ColumnEntry, Constraint, DeviationEntry, IndexEntry, KeyKind, Reference, Renamed, SchemaPage, Setting,
    TablePage, TriggerEntry, ViewPage,
};
use crate::schema::{
    Column, Conflict, ForeignKey, Ident, Index, IndexTerm, KeyColumn, Schema, Table, TableKind, Trigger,
    TriggerEvent,
};
use crate::sql::{display_name, one_line};

/// What is said of a schema.
pub(super) struct Said<'a> {
    /// By the schema itself, in its names.
    pub(super) own: Notes,
    /// By the specification, in its names, and what the ledger says of the differences.
    pub(super) spec: Option<(Notes, &'a Ledger)>,
}

/// Makes the page. Of a table that the specification speaks of, the comments that the database keeps are left out: they
/// are for the readers of its migrations.
pub(super) fn page(schema: &Schema, said: &Said<'_>) -> SchemaPage {
    let renames: Vec<&Rename> = match &said.spec {
        Some((_, ledger)) => ledger.renames.iter().filter(|rename| ledger.applies(rename, schema)).collect(),
        None => Vec::new(),
    };
    let names = Names::of(renames.iter().copied());
    let writer = Writer { schema, said, renames, names };
    let about = match &said.spec {
        Some((notes, _)) if !notes.about.is_empty() => &notes.about,
        _ => &said.own.about,
    };
    let settings = ddl::stated_pragmas(&schema.pragmas).values;
    let setting = |(name, value): (&str, String)| Setting { name: name.to_owned(), value };
    let mut tables: Vec<TablePage> = schema.tables.values().map(|table| writer.table(table)).collect();
    let references: Vec<Reference> =
        tables.iter().flat_map(|table| table.references.iter().cloned()).collect();
    for table in &mut tables {
        let leads_here = |reference: &&Reference| reference.parent.eq_ignore_ascii_case(&table.name);
        table.referenced_by = references.iter().filter(leads_here).cloned().collect();
    }
    SchemaPage {
        about: about.clone(),
        settings: settings.into_iter().map(setting).collect(),
        tables,
        views: schema.views.values().map(|view| writer.view(&view.name, &view.sql)).collect(),
    }
}

struct Writer<'a> {
    schema: &'a Schema,
    said: &'a Said<'a>,
    renames: Vec<&'a Rename>,
    names: Names,
}

impl Writer<'_> {
    fn about(&self, kind: Kind, live: &Ident) -> Vec<String> {
        let spec_name = match kind {
            Kind::Table | Kind::VirtualTable => self.names.table(live),
            _ => live.clone(),
        };
        let of_spec = self.said.spec.as_ref().map(|(notes, _)| notes.object(kind, &spec_name));
        let or_own = || match kind {
            Kind::Table if self.spec_speaks_of(&spec_name) => Vec::new(),
            _ => self.said.own.object(kind, live),
        };
        of_spec.filter(|about| !about.is_empty()).unwrap_or_else(or_own)
    }

    fn spec_speaks_of(&self, table: &Ident) -> bool {
        self.said.spec.as_ref().is_some_and(|(notes, _)| notes.speaks_of(table))
    }

    /// The entry of the ledger for a live name that differs from the specification's.
    fn renamed(&self, table: &Ident, column: Option<&Ident>) -> Option<Renamed> {
        let rename =
            self.renames.iter().find(|rename| rename.table == *table && rename.column.as_ref() == column)?;
        let name = rename.column.as_ref().unwrap_or(&rename.table).as_str().to_owned();
        Some(Renamed { name, reason: rename.reason.clone() })
    }

    fn table(&self, table: &Table) -> TablePage {
        let spec_name = self.names.table(&table.name);
        let module = match &table.kind {
            TableKind::Ordinary => None,
            TableKind::Virtual { module, arguments } => Some(format!("{module}({})", arguments.join(", "))),
        };
        let options = [("STRICT", table.strict), ("WITHOUT ROWID", table.without_rowid)];
        TablePage {
            name: table.name.as_str().to_owned(),
            spec_name: self.renamed(&spec_name, None),
            about: self.about(Kind::Table, &table.name),
            options: options.iter().filter(|(_, set)| *set).map(|(word, _)| *word).collect(),
            // Of a table that could not be read, only the statement is sure.
            sql: (table.unread.is_some() || module.is_some()).then(|| table.sql.clone()),
            module,
            columns: table.columns.iter().map(|column| self.column(table, &spec_name, column)).collect(),
            constraints: constraints(table),
            indexes: table.indexes.values().map(|index| self.index(index)).collect(),
            references: table.foreign_keys.iter().map(|key| self.reference(table, key)).collect(),
            referenced_by: Vec::new(),
            triggers: self.triggers(&table.name),
            deviations: self.deviations(&spec_name),
        }
    }

    fn column(&self, table: &Table, spec_table: &Ident, column: &Column) -> ColumnEntry {
        let spec_name = self.names.column(&table.name, &column.name);
        let of_spec = self.said.spec.as_ref().and_then(|(notes, _)| notes.column(spec_table, &spec_name));
        let own = self.said.own.column(&table.name, &column.name);
        let comment = of_spec.or(own.filter(|_| !self.spec_speaks_of(spec_table)));
        let in_key = |columns: &[KeyColumn]| columns.iter().any(|key| key.name == column.name);
        let primary = table.primary_key.as_ref().is_some_and(|key| in_key(&key.columns));
        let of_index = |index: &Index| {
            let is_column =
                |term: &IndexTerm| matches!(term, IndexTerm::Column(name) if *name == column.name);
            index.unique && index.keys.iter().any(|key| is_column(&key.term))
        };
        let keys = [
            (KeyKind::Primary, primary),
            (KeyKind::Foreign, table.foreign_keys.iter().any(|key| key.columns.contains(&column.name))),
            (
                KeyKind::Unique,
                !primary
                    && (table.uniques.iter().any(|unique| in_key(&unique.columns))
                        || table.indexes.values().any(of_index)),
            ),
        ];
        ColumnEntry {
            name: column.name.as_str().to_owned(),
            spec_name: self.renamed(spec_table, Some(&spec_name)),
            declared_type: column.declared_type.clone(),
            nullable: is_nullable(table, column),
            default: column.default.as_ref().map(|default| one_line(&default.text)),
            keys: keys.iter().filter(|(_, holds)| *holds).map(|(key, _)| *key).collect(),
            collation: column.collation.clone(),
            generated: column.generated.as_ref().map(|generated| {
                let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
                format!("{} {kind}", one_line(&generated.expr.text))
            }),
            comment: comment.map(str::to_owned),
        }
    }

    fn index(&self, index: &Index) -> IndexEntry {
        let keys = index.keys.iter().map(|key| {
            let term = match &key.term {
                IndexTerm::Column(name) => name.shown(),
                IndexTerm::Expr(expression) => one_line(&expression.text),
            };
            ordered(term, key.collation.as_deref(), key.descending)
        });
        let on =
            if index.unread.is_some() { one_line(&index.sql) } else { keys.collect::<Vec<_>>().join(", ") };
        IndexEntry {
            name: index.name.as_str().to_owned(),
            unique: index.unique,
            on,
            filter: index.filter.as_ref().map(|filter| one_line(&filter.text)),
            about: self.about(Kind::Index, &index.name),
        }
    }

    fn reference(&self, table: &Table, key: &ForeignKey) -> Reference {
        let text = |names: &[Ident]| names.iter().map(|name| name.as_str().to_owned()).collect();
        let optional = |name: &Ident| table.column(name).is_some_and(|column| is_nullable(table, column));
        let parent = self.schema.tables.get(&key.parent);
        Reference {
            child: table.name.as_str().to_owned(),
            child_columns: text(&key.columns),
            // The spelling of the table itself, so that the two sides read alike.
            parent: parent.map_or(&key.parent, |parent| &parent.name).as_str().to_owned(),
            parent_columns: text(&self.schema.parent_columns(key)),
            parent_exists: parent.is_some(),
            on_delete: key.on_delete.as_str(),
            on_update: key.on_update.as_str(),
            deferred: key.deferred,
            optional: key.columns.iter().any(optional),
            unique: is_unique(table, &key.columns),
        }
    }

    fn triggers(&self, on: &Ident) -> Vec<TriggerEntry> {
        let triggers = self.schema.triggers.values().filter(|trigger| trigger.table == *on);
        let entry = |trigger: &Trigger| TriggerEntry {
            name: trigger.name.as_str().to_owned(),
            event: if trigger.unread.is_some() { String::new() } else { event(trigger) },
            about: self.about(Kind::Trigger, &trigger.name),
            sql: trigger.sql.clone(),
        };
        triggers.map(entry).collect()
    }

    fn deviations(&self, spec_table: &Ident) -> Vec<DeviationEntry> {
        let Some((_, ledger)) = &self.said.spec else { return Vec::new() };
        let of_table = ledger.deviations.iter().filter(|entry| entry.table.as_ref() == Some(spec_table));
        let entry = of_table.map(|entry| DeviationEntry {
            rule: entry.rule,
            name: entry.name.clone(),
            expected: entry.expected.clone(),
            actual: entry.actual.clone(),
            reason: entry.reason.clone(),
        });
        entry.collect()
    }

    fn view(&self, name: &Ident, sql: &str) -> ViewPage {
        ViewPage {
            name: name.as_str().to_owned(),
            about: self.about(Kind::View, name),
            sql: sql.to_owned(),
            triggers: self.triggers(name),
        }
    }
}

fn is_nullable(table: &Table, column: &Column) -> bool {
    let key = table.primary_key.as_ref();
    let in_key = key.is_some_and(|key| key.columns.iter().any(|part| part.name == column.name));
    let is_rowid = table.rowid_alias().is_some_and(|alias| alias.name == column.name);
    column.not_null.is_none() && !is_rowid && !(in_key && table.key_is_not_null())
}

/// Whether no two rows can have the same values in these columns: a key of the table is within them.
fn is_unique(table: &Table, columns: &[Ident]) -> bool {
    let within = |key: &[KeyColumn]| !key.is_empty() && key.iter().all(|part| columns.contains(&part.name));
    let by_index = |index: &Index| {
        let is_within = |term: &IndexTerm| matches!(term, IndexTerm::Column(name) if columns.contains(name));
        index.unique
            && index.filter.is_none()
            && !index.keys.is_empty()
            && index.keys.iter().all(|key| is_within(&key.term))
    };
    table.primary_key.as_ref().is_some_and(|key| within(&key.columns))
        || table.uniques.iter().any(|unique| within(&unique.columns))
        || table.indexes.values().any(by_index)
}

fn ordered(mut term: String, collation: Option<&str>, descending: bool) -> String {
    if let Some(collation) = collation {
        term.push_str(&format!(" COLLATE {}", display_name(collation)));
    }
    if descending {
        term.push_str(" DESC");
    }
    term
}

fn key_text(columns: &[KeyColumn]) -> String {
    let parts =
        columns.iter().map(|part| ordered(part.name.shown(), part.collation.as_deref(), part.descending));
    parts.collect::<Vec<_>>().join(", ")
}

fn constraints(table: &Table) -> Vec<Constraint> {
    let mut found = Vec::new();
    let mut add = |kind, name: Option<&Ident>, mut definition: String, conflict: Conflict| {
        if conflict != Conflict::Abort {
            definition.push_str(&format!(" ON CONFLICT {}", conflict.as_str()));
        }
        found.push(Constraint { kind, name: name.map(|name| name.as_str().to_owned()), definition });
    };
    if let Some(key) = &table.primary_key {
        let suffix = if key.autoincrement { " AUTOINCREMENT" } else { "" };
        add("PRIMARY KEY", key.name.as_ref(), format!("{}{suffix}", key_text(&key.columns)), key.conflict);
    }
    for unique in &table.uniques {
        add("UNIQUE", unique.name.as_ref(), key_text(&unique.columns), unique.conflict);
    }
    for column in &table.columns {
        let Some(conflict) = column.not_null else { continue };
        if conflict != Conflict::Abort || column.not_null_name.is_some() {
            add("NOT NULL", column.not_null_name.as_ref(), column.name.shown(), conflict);
        }
    }
    for check in &table.checks {
        add("CHECK", check.name.as_ref(), one_line(&check.expr.text), Conflict::Abort);
    }
    found
}

fn event(trigger: &Trigger) -> String {
    let mut text = format!("{} ", trigger.timing.as_str());
    match &trigger.event {
        TriggerEvent::Insert => text.push_str("INSERT"),
        TriggerEvent::Delete => text.push_str("DELETE"),
        TriggerEvent::Update(columns) => {
            text.push_str("UPDATE");
            if !columns.is_empty() {
                let columns: Vec<String> = columns.iter().map(|name| name.shown()).collect();
                text.push_str(&format!(" OF {}", columns.join(", ")));
            }
        }
    }
    if let Some(when) = &trigger.when {
        text.push_str(&format!(" WHEN {}", one_line(&when.text)));
    }
    text
}
