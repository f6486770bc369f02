//! Whether schemas are what they should be. Databases with the same schema are judged once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use time::Date;
use ulid::Ulid;

use super::crew::Crew;
use crate::audit::comparison::{OfRows, Sides};
use crate::audit::{Ledger, Others, Subject};
use crate::base::error::{Error, Result};
use crate::base::finding::Finding;
use crate::base::job::{Job, answer};
use crate::base::source::SourceFile;
use crate::commands::audit::{FailOn, fails};
use crate::commands::migrate::drift::{self, Expected};
use crate::engine::{Engine, Glance};
use crate::fleets::Standing;
use crate::migrations::Version;
use crate::sql;

/// A schema that was judged.
#[derive(Debug)]
pub(super) struct Variant {
    /// Its fingerprint.
    pub(super) name: String,
    /// The version of those that have it.
    pub(super) version: Option<Version>,
    /// How it differs from what it should be.
    pub(super) findings: Vec<Finding>,
    /// Whether it is not what it should be.
    pub(super) is_other: bool,
    /// What is to be checked of the rows, where they are checked.
    pub(super) of_rows: Option<OfRows>,
}

impl Variant {
    /// What a person is told of it in a few words: the first difference.
    pub(super) fn sentence(&self) -> String {
        let open: Vec<&Finding> = self.findings.iter().filter(|finding| finding.is_open()).collect();
        match open.as_slice() {
            [] => "changed since its last migration".to_owned(),
            [only] => only.message.clone(),
            [first, rest @ ..] => format!("{}, and {} more", first.message, rest.len()),
        }
    }
}

/// What schemas are held against: a spec with its ledger, or what the migrations produce.
pub(super) struct Spec {
    pub(super) source: SourceFile,
    pub(super) ledger: Ledger,
    pub(super) strict: bool,
    pub(super) fail_on: FailOn,
    pub(super) today: Date,
    /// Whether the rows are checked as well.
    pub(super) with_rows: bool,
}

/// Judges schemas, on whatever thread.
pub(super) struct Judge<'a> {
    crew: &'a Crew<'a>,
    others: &'a Others,
    run_id: Ulid,
    spec: Option<&'a Spec>,
    /// Whether the spec states settings of the file, which no fingerprint has.
    with_pragmas: bool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    variants: HashMap<(Option<Version>, String), Arc<Variant>>,
    /// What the migrations produce up to each version; nothing where they do not run on an empty database.
    expected: HashMap<Option<Version>, Option<(Expected, String)>>,
}

impl<'a> Judge<'a> {
    pub(super) fn of(
        crew: &'a Crew<'a>,
        others: &'a Others,
        run_id: Ulid,
        spec: Option<&'a Spec>,
    ) -> Judge<'a> {
        let states_pragmas =
            |spec: &Spec| sql::tokens(spec.source.text()).any(|token| token.is_word("PRAGMA"));
        let with_pragmas = spec.is_some_and(states_pragmas);
        Judge { crew, others, run_id, spec, with_pragmas, known: Mutex::default() }
    }

    /// The spec, for a database that it speaks of: one that lacks no migration.
    fn spec_of(&self, standing: &Standing) -> Option<&'a Spec> {
        self.spec.filter(|_| standing.pending.is_empty())
    }

    /// Judges the schema of a database.
    ///
    /// # Errors
    /// Those of reading the schema; of the spec.
    pub(super) fn judge(
        &self,
        engine: &mut dyn Engine,
        glance: &Glance,
        standing: &Standing,
        job: Job<'_>,
    ) -> Result<Arc<Variant>> {
        let [now, left] = glance.schema.clone().unwrap_or_default();
        let mut key = (standing.version, now.clone());
        if self.with_pragmas {
            key.1.push_str(&format!("{:?}", engine.inspect()?.pragmas));
        }
        // Whoever comes second waits until the first one has judged.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(variant) = known.variants.get(&key) {
            return Ok(Arc::clone(variant));
        }
        let (findings, is_other, of_rows) = match self.spec_of(standing) {
            Some(spec) => {
                let live = engine.inspect()?;
                let sides = Sides::but(self.others, &spec.source, &spec.ledger, &live, job)?;
                let findings = sides.audit(Subject::Database, spec.strict, spec.today).findings;
                let is_other = fails(&findings, spec.fail_on);
                (findings, is_other, spec.with_rows.then(|| sides.of_rows(spec.strict)).transpose()?)
            }
            None => {
                let (findings, is_other) =
                    self.against_migrations(&mut known, engine, (&now, &left), standing.version, job)?;
                (findings, is_other, None)
            }
        };
        let variant = Arc::new(Variant { name: now, version: standing.version, findings, is_other, of_rows });
        known.variants.insert(key, Arc::clone(&variant));
        Ok(variant)
    }

    fn against_migrations(
        &self,
        known: &mut Known,
        engine: &mut dyn Engine,
        (now, left): (&str, &str),
        version: Option<Version>,
        job: Job<'_>,
    ) -> Result<(Vec<Finding>, bool)> {
        let expected = match known.expected.entry(version) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let made = Expected::at(&self.crew.set, version, self.run_id, job);
                let made = answer(made.and_then(|mut expected| {
                    let fingerprint = expected.fingerprint()?;
                    Ok::<_, Error>((expected, fingerprint))
                }));
                place.insert(made?)
            }
        };
        // Without them, the record says what the last migration left.
        let Some((expected, fingerprint)) = expected else { return Ok((Vec::new(), now != left)) };
        if now == fingerprint {
            return Ok((Vec::new(), false));
        }
        let changes = expected.differences(&engine.inspect()?, self.others)?.changes;
        let findings: Vec<Finding> = changes.iter().map(drift::finding).collect();
        let is_other = !findings.is_empty();
        Ok((findings, is_other))
    }
}
