//! The two schemas that a pair of scripts leads between, each with a database of its own to judge by.

use std::path::Path;

use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::diff::{Change, diff};
use crate::engine;
use crate::engine::{Rehearsal, SeedPair, SpecDatabase};
use crate::plan;
use crate::schema::{Schema, Table};
use crate::sql::Target;

/// What is there, and what there is to be.
pub(crate) struct Ends<'a> {
    pub(crate) from: End<'a>,
    pub(crate) goal: End<'a>,
    from_source: SourceFile,
    /// What rows of the goal have to fit: its tables and indexes. Views matter only to virtual tables, and no trigger fires
    /// on rows that are made.
    goal_tables: SourceFile,
    /// Where the scripts run.
    target: Target,
    pub(crate) job: Job<'a>,
}

/// A schema that a way leads to.
pub(crate) struct End<'a> {
    pub(crate) schema: &'a Schema,
    spec_database: Box<dyn SpecDatabase>,
}

impl End<'_> {
    /// What `there` has otherwise.
    ///
    /// # Errors
    /// `Interrupted`.
    pub(crate) fn differences(&self, there: &Schema) -> Result<Vec<Change>> {
        diff(self.schema, there, &mut *self.spec_database.equivalence())
    }
}

impl<'a> Ends<'a> {
    pub(crate) fn new(from: &'a Schema, goal: &'a Schema, target: Target, job: Job<'a>) -> Result<Ends<'a>> {
        let from_source = SourceFile::new("(the schema so far)", plan::script(from));
        let goal_source = SourceFile::new("(the goal)", plan::script(goal));
        let end = |schema, source| -> Result<End<'a>> {
            Ok(End { schema, spec_database: engine::spec_database_beside(source, schema, job)? })
        };
        // A virtual table may have a view for its content.
        let is_virtual = goal.tables.values().any(Table::is_virtual);
        let views = if is_virtual { goal.views.clone() } else { Default::default() };
        let (tables, pragmas) = (goal.tables.clone(), goal.pragmas.clone());
        let tables = Schema { tables, views, pragmas, ..Schema::default() };
        let goal_tables = SourceFile::new("(the goal)", plan::script(&tables));
        let (from, goal) = (end(from, &from_source)?, end(goal, &goal_source)?);
        Ok(Ends { from, goal, from_source, goal_tables, target, job })
    }

    /// A database with the first schema, and rows that both can hold; some of them are those of `db`.
    pub(crate) fn rehearsal(&self, seeds: &[SeedPair<'_>], db: Option<&Path>) -> Result<Box<dyn Rehearsal>> {
        engine::rehearsal(&self.from_source, &self.goal_tables, seeds, self.target, db, self.job)
    }

    /// A database with such a schema, and rows that were made without a look at the goal.
    pub(crate) fn rehearsal_without_goal(
        &self,
        schema: &Schema,
        db: Option<&Path>,
    ) -> Result<Box<dyn Rehearsal>> {
        let source = SourceFile::new("(the schema so far)", plan::script(schema));
        engine::rehearsal(&source, &SourceFile::new("(no goal)", ""), &[], self.target, db, self.job)
    }
}
