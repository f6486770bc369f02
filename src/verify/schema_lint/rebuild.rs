//! What a table had before it was rebuilt, and has no more.

use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::rule::LintRule;
use crate::ddl::Kind;
use crate::diff::{Change, Difference, Element, diff};
use crate::engine::{Engine, Renaming};
use crate::generate::renamed;
use crate::migrations::lint::{Raised, UpText};
use crate::schema::{
    Column, Conflict, ForeignKey, ForeignKeyAction, Ident, IndexKey, KeyColumn, Schema, Table, shown_list,
};
use crate::sql::{display_name, one_line, quote_string};

/// What the rebuild of one table loses.
pub(crate) struct Rebuilt {
    /// The table.
    name: Ident,
    /// Where it is dropped, in bytes of the up file.
    at: usize,
    /// The table before, and what belongs to it.
    was: Schema,
    lost: Vec<Loss>,
}

/// What the rebuilds of a migration lose.
pub(crate) fn losses(
    engine: &mut dyn Engine,
    before: &Schema,
    after: &Schema,
    text: &UpText<'_>,
) -> Result<Vec<Rebuilt>> {
    let mut rebuilt: Vec<Rebuilt> = Vec::new();
    for (name, at) in text.dropped_tables() {
        let (Some(old), Some(new)) = (before.tables.get(&name), after.tables.get(&name)) else { continue };
        if rebuilt.iter().any(|known| known.name == name) || old.is_virtual() || new.is_virtual() {
            continue;
        }
        let was = alone(before, old);
        let lost = between(engine, &was, old, after, new, |kind, name| text.drops(kind, name))?;
        rebuilt.push(Rebuilt { name, at, was, lost });
    }
    Ok(rebuilt)
}

/// What a table had and the new one has not, unless `drops` knows that it is meant to go.
fn between(
    engine: &mut dyn Engine,
    was: &Schema,
    old: &Table,
    after: &Schema,
    new: &Table,
    drops: impl Fn(Kind, &Ident) -> bool,
) -> Result<Vec<Loss>> {
    let changes = diff(was, &alone(after, new), &mut *engine.equivalence())?;
    let mut lost = Vec::new();
    let pair = Pair { before: was, old, new, drops: &drops };
    changes.iter().for_each(|change| pair.structures(change, &mut lost));
    pair.columns(&mut lost);
    pair.conflicts(&mut lost);
    Ok(lost)
}

impl Rebuilt {
    /// The table.
    pub(crate) fn name(&self) -> &Ident {
        &self.name
    }

    /// Whether the index of that name is lost.
    pub(crate) fn loses_index(&self, name: &Ident) -> bool {
        self.lost.iter().any(|loss| matches!(&loss.part, Part::Index(lost) if lost == name))
    }

    /// Adds the loss of the counter that AUTOINCREMENT keeps, unless AUTOINCREMENT itself is lost.
    pub(crate) fn loses_counter(&mut self) {
        if !self.lost.iter().any(|loss| loss.part == Part::Autoincrement) {
            self.lost.push(Loss::counter(&self.name));
        }
    }

    /// Leaves out what the schema that is `wanted` in the end has not either: that was meant to go. `later` are the
    /// renames of the migrations behind this one, oldest first.
    pub(crate) fn keep_what_is_wanted(
        &mut self,
        engine: &mut dyn Engine,
        wanted: &Schema,
        later: &[Renaming],
        job: Job<'_>,
    ) -> Result<()> {
        if self.lost.is_empty() {
            return Ok(());
        }
        let (name, renamings) = followed(&self.name, later);
        let (Some(goal), renamed) = (wanted.tables.get(&name), renamed(&self.was, &renamings, job)?) else {
            self.lost.clear();
            return Ok(());
        };
        let Some(old) = renamed.tables.get(&name).filter(|_| !goal.is_virtual()) else { return Ok(()) };
        let meant = between(engine, &renamed, old, wanted, goal, |_, _| false)?;
        self.lost.retain(|loss| !meant.iter().any(|meant| meant.part == loss.part));
        Ok(())
    }

    pub(crate) fn raised(self) -> impl Iterator<Item = Raised> {
        let Rebuilt { name, at, lost, .. } = self;
        lost.into_iter().map(move |Loss { what, again, fix, .. }| {
            let message = format!("the rebuild of {} loses {what}", name.shown());
            Raised::new(LintRule::RebuildLoses, at, message, again).fix(fix)
        })
    }
}

/// What a table is called in the end, and the renames that concern it: columns first, under its first name.
fn followed(table: &Ident, later: &[Renaming]) -> (Ident, Vec<Renaming>) {
    let mut name = table.clone();
    let mut columns: Vec<(Ident, Ident)> = Vec::new();
    for renaming in later {
        if renaming.table != name {
            continue;
        }
        match &renaming.column {
            None => name = renaming.to.clone(),
            Some(column) => match columns.iter_mut().find(|(_, now)| now == column) {
                Some((_, now)) => *now = renaming.to.clone(),
                None => columns.push((column.clone(), renaming.to.clone())),
            },
        }
    }
    columns.retain(|(was, now)| was != now);
    let mut renamings: Vec<Renaming> = columns
        .into_iter()
        .map(|(was, to)| Renaming { table: table.clone(), column: Some(was), to })
        .collect();
    if name != *table {
        renamings.push(Renaming { table: table.clone(), column: None, to: name.clone() });
    }
    (name, renamings)
}

/// The schema of one table and what belongs to it.
fn alone(schema: &Schema, table: &Table) -> Schema {
    let triggers = schema.triggers.iter().filter(|(_, trigger)| trigger.table == table.name);
    Schema {
        tables: [(table.name.clone(), table.clone())].into(),
        triggers: triggers.map(|(name, trigger)| (name.clone(), trigger.clone())).collect(),
        ..Schema::default()
    }
}

/// What was lost, however it is called: by its place in the old table.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Index(Ident),
    /// UNIQUE of an index that is still there.
    IndexUnique(Ident),
    Trigger(Ident),
    Autoincrement,
    Counter,
    ForeignKey(usize),
    OnDelete(usize),
    OnUpdate(usize),
    Deferred(usize),
    Unique(usize),
    Check(usize),
    Collation(usize),
    Generated(usize),
    NotNullConflict(usize),
    /// ON CONFLICT of the primary key or of a UNIQUE.
    KeyConflict(usize),
}

struct Loss {
    part: Part,
    what: String,
    /// What to do.
    again: String,
    /// The statement that does it, where it is one as it stands.
    fix: Option<String>,
}

impl Loss {
    /// A part of CREATE TABLE.
    fn clause(part: Part, what: String) -> Loss {
        let again = "write it into the new CREATE TABLE, or say above why not: `-- planctl:allow rebuild-loses REASON`";
        Loss { part, what, again: again.to_owned(), fix: None }
    }

    /// What has a statement of its own.
    fn object(part: Part, kind: &str, name: &Ident, sql: &str) -> Loss {
        let (shown, upper) = (name.shown(), kind.to_ascii_uppercase());
        let sql = one_line(sql);
        Loss {
            part,
            what: format!("the {kind} {shown}"),
            again: format!(
                "create it again after the rebuild, or say `DROP {upper} {shown}` before the DROP TABLE"
            ),
            fix: Some(format!("{sql};")),
        }
    }

    /// The number that the next row without an id gets.
    fn counter(table: &Ident) -> Loss {
        let name = quote_string(table.as_str());
        Loss {
            part: Part::Counter,
            what: "the counter of AUTOINCREMENT: ids of deleted rows will be given again".to_owned(),
            again: format!(
                "carry it over before the DROP TABLE, with the new table's name for NEW: `DELETE FROM sqlite_sequence WHERE \
                 name = NEW; INSERT INTO sqlite_sequence (name, seq) SELECT NEW, seq FROM sqlite_sequence WHERE name = {name}`"
            ),
            fix: None,
        }
    }
}

struct Pair<'a> {
    before: &'a Schema,
    old: &'a Table,
    new: &'a Table,
    /// Whether it is said that an object of this kind and name goes.
    drops: &'a dyn Fn(Kind, &Ident) -> bool,
}

impl Pair<'_> {
    fn stayed(&self, column: &Ident) -> bool {
        self.new.column(column).is_some()
    }

    /// Indexes, triggers and constraints that are not there any more. What is there in another form was changed, not lost.
    fn structures(&self, change: &Change, lost: &mut Vec<Loss>) {
        let name = change.object.name.own();
        let expected = change.expected.as_deref().unwrap_or_default();
        // Another that does the same has taken its place.
        let gone = change.actual.is_none() && change.lookalike().is_none();
        match (change.difference, &change.element) {
            (Difference::MissingIndex | Difference::IndexDefinition, _) => {
                let Some(index) = name.and_then(|name| self.old.indexes.get(name)) else { return };
                if (self.drops)(Kind::Index, &index.name) {
                    return;
                }
                let there = self.new.indexes.get(&index.name);
                if there.is_some_and(|there| index.unique && !there.unique) {
                    let shown = index.name.shown();
                    lost.push(Loss::clause(
                        Part::IndexUnique(index.name.clone()),
                        format!("UNIQUE of the index {shown}"),
                    ));
                }
                let columns_stayed = index.keys.iter().filter_map(IndexKey::column).all(|c| self.stayed(c));
                if there.is_none() && gone && columns_stayed {
                    lost.push(Loss::object(
                        Part::Index(index.name.clone()),
                        "index",
                        &index.name,
                        &index.sql,
                    ));
                }
            }
            (Difference::MissingTrigger, _) if gone => {
                let Some(trigger) = name.and_then(|name| self.before.triggers.get(name)) else { return };
                if !(self.drops)(Kind::Trigger, &trigger.name) {
                    lost.push(Loss::object(
                        Part::Trigger(trigger.name.clone()),
                        "trigger",
                        &trigger.name,
                        &trigger.sql,
                    ));
                }
            }
            (Difference::Autoincrement, _) if self.old.is_autoincrement() => {
                lost.push(Loss::clause(
                    Part::Autoincrement,
                    "AUTOINCREMENT: ids of deleted rows will be given again".to_owned(),
                ));
            }
            (Difference::MissingForeignKey, &Element::ForeignKey(n)) if gone => {
                let key = self.old.foreign_keys.get(n);
                if key.is_some_and(|key| !self.widened(key) && key.columns.iter().all(|c| self.stayed(c))) {
                    lost.push(Loss::clause(Part::ForeignKey(n), format!("the foreign key `{expected}`")));
                }
            }
            (Difference::ForeignKeyAction, &Element::ForeignKey(n)) => {
                if let Some(key) = self.old.foreign_keys.get(n) {
                    self.actions(n, key, lost);
                }
            }
            (Difference::MissingUnique, &Element::Unique(n)) if gone => {
                let columns = self.old.uniques.get(n).map(|unique| KeyColumn::names(&unique.columns));
                if columns.is_some_and(|columns| {
                    !self.is_part_of_new_key(&columns) && columns.iter().all(|c| self.stayed(c))
                }) {
                    lost.push(Loss::clause(Part::Unique(n), format!("the constraint `{expected}`")));
                }
            }
            (Difference::MissingCheck, &Element::Check(n)) if gone => {
                lost.push(Loss::clause(Part::Check(n), format!("the constraint `CHECK ({expected})`")));
            }
            _ => {}
        }
    }

    /// Whether a new foreign key to the same parent has these columns and more: somebody thought of it.
    fn widened(&self, key: &ForeignKey) -> bool {
        self.new.foreign_keys.iter().any(|new| {
            new.parent == key.parent && key.columns.iter().all(|column| new.columns.contains(column))
        })
    }

    /// Whether a key that the old table did not have has these columns and more: somebody thought of it.
    fn is_part_of_new_key(&self, columns: &[Ident]) -> bool {
        let keys = |table: &Table| -> Vec<Vec<Ident>> {
            let indexes = table
                .indexes
                .values()
                .filter(|index| index.unique)
                .map(|index| index.keys.iter().filter_map(IndexKey::column).cloned().collect());
            table.keys().map(KeyColumn::names).chain(indexes).collect()
        };
        let old = keys(self.old);
        keys(self.new)
            .iter()
            .any(|key| !old.contains(key) && columns.iter().all(|column| key.contains(column)))
    }

    /// What a foreign key did that the new one of the same columns does not do.
    fn actions(&self, n: usize, key: &ForeignKey, lost: &mut Vec<Loss>) {
        let mut keys = self.new.foreign_keys.iter();
        let Some(new) = keys.find(|new| new.columns == key.columns) else { return };
        let columns = shown_list(&key.columns);
        // SET NULL cannot stay on a column that became NOT NULL.
        let not_null = key
            .columns
            .iter()
            .any(|column| self.new.column(column).is_some_and(|column| column.not_null.is_some()));
        for (part, event, was, is) in [
            (Part::OnDelete(n), "DELETE", key.on_delete, new.on_delete),
            (Part::OnUpdate(n), "UPDATE", key.on_update, new.on_update),
        ] {
            let has_to_go = was == ForeignKeyAction::SetNull && not_null;
            if was != is && is == ForeignKeyAction::NoAction && !has_to_go {
                lost.push(Loss::clause(part, format!("ON {event} {} of {columns}", was.as_str())));
            }
        }
        if key.deferred && !new.deferred {
            lost.push(Loss::clause(Part::Deferred(n), format!("DEFERRABLE INITIALLY DEFERRED of {columns}")));
        }
    }

    /// What columns that stayed have lost.
    fn columns(&self, lost: &mut Vec<Loss>) {
        for (n, old) in self.old.columns.iter().enumerate() {
            let Some(new) = self.new.column(&old.name) else { continue };
            let shown = old.name.shown();
            if let Some(collation) = &old.collation
                && is_binary(new)
                && !is_binary(old)
            {
                lost.push(Loss::clause(
                    Part::Collation(n),
                    format!("COLLATE {} of {shown}", display_name(collation)),
                ));
            }
            if let (Some(generated), None) = (&old.generated, &new.generated) {
                let expr = one_line(&generated.expr.text);
                lost.push(Loss::clause(
                    Part::Generated(n),
                    format!("GENERATED ALWAYS AS ({expr}) of {shown}"),
                ));
            }
            if let (Some(was), Some(Conflict::Abort)) = (old.not_null, new.not_null)
                && was != Conflict::Abort
            {
                lost.push(Loss::clause(
                    Part::NotNullConflict(n),
                    format!("NOT NULL ON CONFLICT {} of {shown}", was.as_str()),
                ));
            }
        }
    }

    /// ON CONFLICT of keys that stayed.
    fn conflicts(&self, lost: &mut Vec<Loss>) {
        let primary = |table: &Table| {
            table
                .primary_key
                .as_ref()
                .map(|key| ("PRIMARY KEY", KeyColumn::names(&key.columns), key.conflict))
        };
        let keys = |table: &Table| -> Vec<_> {
            let uniques = table.uniques.iter();
            let uniques =
                uniques.map(|unique| ("UNIQUE", KeyColumn::names(&unique.columns), unique.conflict));
            primary(table).into_iter().chain(uniques).collect()
        };
        let now = keys(self.new);
        for (n, (kind, columns, conflict)) in keys(self.old).into_iter().enumerate() {
            let mut same = now.iter().filter(|(k, c, _)| *k == kind && *c == columns).peekable();
            if conflict != Conflict::Abort
                && same.peek().is_some()
                && same.all(|key| key.2 == Conflict::Abort)
            {
                lost.push(Loss::clause(
                    Part::KeyConflict(n),
                    format!("ON CONFLICT {} of {kind} ({})", conflict.as_str(), shown_list(&columns)),
                ));
            }
        }
    }
}

fn is_binary(column: &Column) -> bool {
    column.collates_by().eq_ignore_ascii_case("binary")
}
