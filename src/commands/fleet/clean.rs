//! `--require-clean` for many: databases whose schema is not what their last migration left are not migrated.

use ulid::Ulid;

use super::crew::{Came, Crew, Failure};
use super::judge::Judge;
use crate::audit::Others;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::commands::migrate::drift;
use crate::engine::{Clean, DatabaseName, Engine, Glance};
use crate::fleets::Standing;

/// Keeps out what drifted.
pub(super) struct Gate<'a>(Judge<'a>);

impl<'a> Gate<'a> {
    /// One, where it is asked for: then, which tables are somebody else's.
    pub(super) fn of(crew: &'a Crew<'a>, others: Option<&'a Others>, run_id: Ulid) -> Option<Gate<'a>> {
        others.map(|others| Gate(Judge::of(crew, others, run_id, None)))
    }

    /// Whether a database is as its last migration left it.
    ///
    /// # Errors
    /// `Migration` where it is not; those of reading.
    pub(super) fn look(
        &self,
        engine: &mut dyn Engine,
        (name, glance): (&DatabaseName, &Glance),
        job: Job<'_>,
    ) -> Came<()> {
        if glance.schema.as_ref().is_some_and(|[now, left]| now == left) {
            return Ok(());
        }
        let standing = Standing { version: glance.history.newest(), ..Standing::default() };
        let variant = self.0.judge(engine, glance, &standing, job)?;
        if !variant.is_other {
            return Ok(());
        }
        let left = drift::not_as_left(&glance.history);
        let message = format!("the schema of {} is {left}: {}", name.display(), variant.sentence());
        let help = "`planctl fleet status` shows how they differ; --require-clean=false goes ahead anyway";
        let failure: Box<Failure> = name.about(Error::new(ErrorKind::Migration, message)).help(help).into();
        Err(Box::new(Failure { version: standing.version, ..*failure }))
    }

    /// Looks once more before migrations run, and has the engine look again under its lock.
    ///
    /// # Errors
    /// As [`Gate::look`].
    pub(super) fn hold(&self, engine: &mut dyn Engine, name: &DatabaseName, job: Job<'_>) -> Result<()> {
        let glance = engine.glance(true)?;
        self.look(engine, (name, &glance), job).map_err(|failure| *failure.error)?;
        let [schema, _] = glance.schema.unwrap_or_default();
        engine.require_clean(Clean { newest: glance.history.newest(), schema });
        Ok(())
    }
}
