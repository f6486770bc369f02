//! A schema that a script states, where most of it was accepted by SQLite before: that is read without SQLite.
//!
//! Most audits find little, in whatever spelling the spec is. A statement of the same tokens as one that a database holds
//! was accepted, and our reader reads it as SQLite does, since it did so there. So SQLite sees the other statements, with what they
//! are on; and all of them once somebody renames something, or asks what only the whole schema can tell.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::bystanders::{Entry, renamed};
use super::equivalence::SqliteEquivalence;
use super::fast_load::{Object, SpecScript};
use super::spec::{SqliteSpec, spec_database};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Interrupt;
use crate::base::source::SourceFile;
use crate::ddl::Kind;
use crate::diff::{Compiled, DefaultOf, Equivalence};
use crate::engine::catalog::inspect;
use crate::engine::{RenamedSpec, Renaming, SpecDatabase};
use crate::schema::{Ident, Schema, Trigger, View, names_in};
use crate::sql::is_keyword;

/// The schema of a script, and the shadow database that is made of it.
pub(crate) struct StatedSpec {
    source: SourceFile,
    script: SpecScript,
    /// What is new, with what it is on; `None` where nothing is, and where all of it is in `whole`.
    new: Option<SqliteSpec>,
    /// Everything, once it was needed.
    whole: OnceCell<SqliteSpec>,
    interrupt: Interrupt,
}

impl StatedSpec {
    /// As [`super::fast_load::load`].
    pub(crate) fn of(source: &SourceFile, accepted: &Schema, job: Job<'_>) -> Option<StatedSpec> {
        let script = SpecScript::of(source, accepted)?;
        let (mut new, mut whole) = (None, OnceCell::new());
        if !script.has_parts() {
            whole = OnceCell::from(script.make_all(source, Object::is_new, job)?);
        } else if script.has_news() {
            new = Some(script.make_news(source, job)?);
        }
        Some(StatedSpec { source: source.clone(), script, new, whole, interrupt: job.interrupt() })
    }

    /// The script under new names. `None` where SQLite has to be asked what a name means, and where it refuses something.
    pub(crate) fn renamed(
        source: &SourceFile,
        renamings: &[Renaming],
        accepted: &Schema,
        job: Job<'_>,
    ) -> Option<RenamedSpec> {
        let script = SpecScript::of(source, &Schema::default())?;
        let renamed = under_new_names(&script.objects, renamings)?;
        let others = script.others(source.text())?;
        let mut text = String::with_capacity(source.text().len());
        for (object, renamed) in script.objects.iter().zip(&renamed) {
            // A comment may be left at the end of a view, and nowhere else.
            text.extend([renamed.sql.as_str(), if object.kind == Kind::View { "\n;\n" } else { ";\n" }]);
        }
        text.extend(others.flat_map(|pragma| [pragma, ";\n"]));
        let spec = StatedSpec::of(&SourceFile::new(source.path(), text), accepted, job)?;
        let schema = spec.schema().ok()?;
        let written = as_written(schema.clone(), &script.objects, &renamed)?;
        Some(RenamedSpec { written, schema, database: Box::new(spec) })
    }

    fn job(&self) -> Job<'_> {
        Job::stopped_by(&self.interrupt)
    }

    fn whole(&self) -> Result<&SqliteSpec> {
        if let Some(whole) = self.whole.get() {
            return Ok(whole);
        }
        let made = self.script.make_all(&self.source, |_| false, self.job());
        let made = made.map_or_else(|| spec_database(&self.source, self.job()), Ok)?;
        Ok(self.whole.get_or_init(|| made))
    }
}

/// The object in that place of a script.
fn entry((rowid, object): (i64, &Object)) -> Entry {
    let kind = object.kind_in_schema().to_owned();
    let (name, table) = (object.name.clone(), Ident::new(object.table.as_str()));
    Entry { rowid, kind, name, table, page: 1, sql: Some(object.sql.clone()) }
}

/// The objects of a script of CREATE statements under new names. `None` where SQLite has to do it, and where it might accept
/// the script under the new names and not as it is.
fn under_new_names(objects: &[Object], renamings: &[Renaming]) -> Option<Vec<Renamed>> {
    let is_taken = |renaming: &Renaming| {
        is_keyword(renaming.column.as_ref().unwrap_or(&renaming.table).as_str())
            || renaming.column.is_none() && objects.iter().any(|object| object.name == renaming.to)
    };
    if renamings.iter().any(is_taken) {
        return None;
    }
    let mut all: Vec<Entry> = (0..).zip(objects).map(entry).collect();
    let (columns, tables): (Vec<_>, Vec<_>) =
        renamings.iter().partition(|renaming| renaming.column.is_some());
    for group in [columns, tables].iter().filter(|group| !group.is_empty()) {
        for entry in renamed(all.clone(), group)? {
            let place = usize::try_from(entry.rowid).ok().and_then(|at| all.get_mut(at))?;
            *place = entry;
        }
    }
    // What names nothing yet would name what has the name then.
    let named_before = |(object, renamed): (&Object, &Entry)| {
        let differs = renamed.sql.as_ref() != Some(&object.sql);
        let may_name = |renaming: &&Renaming| differs || renaming.table == *object.table;
        let wanted: Vec<&Ident> = renamings.iter().filter(may_name).map(|renaming| &renaming.to).collect();
        !wanted.is_empty() && names_in(&object.sql).any(|name| wanted.contains(&&name))
    };
    if objects.iter().zip(&all).any(named_before) {
        return None;
    }
    let renamed = objects.iter().zip(all).map(|(object, Entry { name, sql, .. })| {
        let sql = sql.unwrap_or_default();
        Renamed { differs: sql != object.sql || name != object.name, name, sql }
    });
    Some(renamed.collect())
}

/// An object of a script under new names.
struct Renamed {
    name: Ident,
    /// The text for `sqlite_schema`.
    sql: String,
    /// Whether anything in it has a new name.
    differs: bool,
}

/// A schema under the names that its objects have in the script. SQLite has seen the new ones.
fn as_written(mut schema: Schema, objects: &[Object], renamed: &[Renamed]) -> Option<Schema> {
    let mut others = HashSet::new();
    for (Object { kind, name, table, sql, .. }, renamed) in objects.iter().zip(renamed) {
        let is_table = *kind == Kind::Table;
        if is_table && renamed.differs {
            let seen = schema.tables.remove(&renamed.name).filter(|seen| seen.unread.is_none())?;
            inspect::add(&mut schema, *kind, name.clone(), table, sql.clone());
            let written = schema.tables.get_mut(name)?;
            if written.unread.is_some() || written.columns.len() != seen.columns.len() {
                return None;
            }
            for (column, seen) in written.columns.iter_mut().zip(seen.columns) {
                column.declared_type = seen.declared_type;
            }
        } else if is_table {
            others.insert(name);
        } else if *kind == Kind::Index && !others.contains(&Ident::new(table.as_str())) {
            inspect::add(&mut schema, *kind, name.clone(), table, sql.clone());
        }
    }
    Some(schema)
}

impl SpecDatabase for StatedSpec {
    fn schema(&self) -> Result<Schema> {
        self.schema_beside(&Schema::default())
    }

    fn schema_beside(&self, accepted: &Schema) -> Result<Schema> {
        if let Some(whole) = self.whole.get() {
            return whole.schema();
        }
        let mut schema = self.new.as_ref().map_or_else(|| Ok(Schema::default()), SqliteSpec::schema)?;
        for object in self.script.objects.iter().filter(|object| !object.is_new()) {
            object.add_to(&mut schema, accepted);
        }
        Ok(schema)
    }

    fn rename(&mut self, renamings: &[Renaming]) -> Result<()> {
        self.whole()?;
        self.whole.get_mut().map_or(Ok(()), |whole| whole.rename(renamings))
    }

    fn equivalence(&self) -> Box<dyn Equivalence + '_> {
        let new = self.new.as_ref().map(SqliteSpec::judge);
        Box::new(StatedEquivalence { spec: self, new, whole: None })
    }
}

/// Makes the database when it is asked something that takes all of it.
struct StatedEquivalence<'s> {
    spec: &'s StatedSpec,
    new: Option<SqliteEquivalence<'s>>,
    whole: Option<SqliteEquivalence<'s>>,
}

impl<'s> StatedEquivalence<'s> {
    fn whole(&mut self) -> Result<&mut SqliteEquivalence<'s>> {
        let made = self.spec.whole()?;
        Ok(self.whole.get_or_insert_with(|| made.judge()))
    }
}

impl Equivalence for StatedEquivalence<'_> {
    fn same_expression(&mut self, table: &Ident, expected: &str, actual: &str) -> Result<bool> {
        // What an expression of a table names is in it.
        match &mut self.new {
            Some(new) if self.spec.script.is_among_news(table) => {
                new.same_expression(table, expected, actual)
            }
            _ => self.whole()?.same_expression(table, expected, actual),
        }
    }

    fn same_default(
        &mut self,
        column: DefaultOf<'_>,
        expected: Option<&str>,
        actual: Option<&str>,
    ) -> Result<bool> {
        // It names nothing of the schema.
        match &mut self.new {
            Some(new) => new.same_default(column, expected, actual),
            None => self.whole()?.same_default(column, expected, actual),
        }
    }

    fn same_view(&mut self, expected: &View, actual: &View) -> Result<bool> {
        self.whole()?.same_view(expected, actual)
    }

    fn same_trigger(&mut self, expected: &Trigger, actual: &Trigger) -> Result<bool> {
        self.whole()?.same_trigger(expected, actual)
    }

    fn string_in_double_quotes(&mut self, text: Compiled<'_>) -> Result<Option<String>> {
        self.whole()?.string_in_double_quotes(text)
    }
}
