//! What came of each database of a fleet. Databases of which the same is to be said share it: so many take little more room
//! than their names.

use std::collections::HashMap;
use std::sync::Arc;

use super::crew::{Came, Failure};
use super::judge::Variant;
use crate::base::finding::Finding;
use crate::fleets::Standing;
use crate::migrations::Version;
use crate::report::Verdict;
use crate::report::wire::fleet::State;

/// What came of one database.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) state: State,
    pub(super) version: Option<Version>,
    pub(super) pending: usize,
    /// What was applied or reverted; `None` where nothing could be.
    pub(super) migrations: Option<Vec<Version>>,
    pub(super) variant: Option<Arc<Variant>>,
    /// What its rows break; `None` where nobody looked.
    pub(super) values: Option<Values>,
    pub(super) failure: Option<Box<Failure>>,
}

/// What a look at the rows of a database found.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) found: Vec<Finding>,
    /// What could not be checked, and why.
    pub(super) unchecked: Vec<String>,
}

impl Row {
    /// One that stands like this.
    pub(super) fn at(state: State, standing: &Standing) -> Row {
        let (version, pending) = (standing.version, standing.pending.len());
        Row { state, version, pending, migrations: None, variant: None, values: None, failure: None }
    }

    /// One that was looked at before a run: it has its turn, or nothing is left to do for it.
    pub(super) fn to_do(has_turn: bool, standing: &Standing) -> Row {
        let state = if has_turn { State::NotBegun } else { State::Current };
        Row { migrations: Some(Vec::new()), ..Row::at(state, standing) }
    }

    /// One that was looked at.
    pub(super) fn seen<T>(came: Came<T>, row: impl FnOnce(T) -> Row) -> Row {
        match came {
            Ok(seen) => row(seen),
            Err(mut failure) => Row {
                version: failure.version,
                migrations: Some(std::mem::take(&mut failure.migrations)).filter(|done| !done.is_empty()),
                failure: Some(failure),
                ..Row::at(State::Failed, &Standing::default())
            },
        }
    }

    /// The same of a run, in which each was something `before`.
    pub(super) fn of_run(self, before: Option<&Row>) -> Row {
        let migrations = self.migrations.unwrap_or_default();
        let (mut version, mut pending) = (self.version, self.pending);
        if let Some(before) = before.filter(|_| self.state == State::Failed) {
            version = version.or(before.version.filter(|_| migrations.is_empty()));
            pending = before.pending.saturating_sub(migrations.len());
        }
        Row { version, pending, migrations: Some(migrations), ..self }
    }

    /// The schema that it has, where it is another one than it should be.
    pub(super) fn other(&self) -> Option<&Arc<Variant>> {
        self.variant.as_ref().filter(|variant| variant.is_other)
    }

    /// What its rows break, as far as nothing excuses it.
    pub(super) fn broken(&self) -> impl Iterator<Item = &Finding> {
        self.values.iter().flat_map(|values| &values.found).filter(|finding| finding.is_open())
    }

    /// How it stands, in a few words.
    pub(super) fn sentence(&self) -> String {
        if let Some(failure) = &self.failure {
            return failure.error.to_string();
        }
        if self.state == State::NotBegun {
            return NOT_STARTED.to_owned();
        }
        let mut parts = vec![match self.version {
            Some(version) => format!("at {version}"),
            None => "no migrations applied".to_owned(),
        }];
        parts.extend((self.pending > 0).then(|| format!("{} pending", self.pending)));
        match (&self.migrations, self.state) {
            (Some(done), _) if done.is_empty() => parts.push("nothing to do".to_owned()),
            (Some(done), _) => {
                let done: Vec<String> = done.iter().map(Version::to_string).collect();
                parts.push(format!("{} {}", self.state.as_str(), done.join(", ")));
            }
            (None, _) => {}
        }
        match (self.other(), &self.variant) {
            (Some(other), _) => parts.push(format!("another schema: {}", other.sentence())),
            (None, Some(_)) => parts.push("clean".to_owned()),
            (None, None) => {}
        }
        parts.extend(self.broken().map(|finding| finding.message.clone()));
        parts.join(", ")
    }

    pub(super) fn verdict(&self) -> Verdict {
        match self.state {
            State::Current | State::Migrated | State::Reverted => Verdict::Passed,
            State::Behind | State::Drifted => Verdict::Failed,
            State::NotBegun => Verdict::Skipped,
            State::Failed => Verdict::Error,
        }
    }

    /// What makes two of them alike; `None` for one that has something of its own to tell.
    fn likeness(&self) -> Option<Likeness> {
        let unchecked = self.values.as_ref().map(|values| values.unchecked.clone());
        let has_own = self.failure.is_some() || self.values.as_ref().is_some_and(|v| !v.found.is_empty());
        let variant = self.variant.as_ref().map(Arc::as_ptr);
        (!has_own)
            .then(|| (self.state, self.version, self.pending, self.migrations.clone(), variant, unchecked))
    }
}

type Likeness =
    (State, Option<Version>, usize, Option<Vec<Version>>, Option<*const Variant>, Option<Vec<String>>);

/// How it is said of a database that it had no turn.
pub(super) const NOT_STARTED: &str = "not started";

/// What came of all of them, by their numbers.
pub(super) struct Rows {
    each: Vec<Arc<Row>>,
    alike: HashMap<Likeness, Arc<Row>>,
}

impl Rows {
    /// So many, none of which was begun.
    pub(super) fn of(count: usize) -> Rows {
        let row = Arc::new(Row::at(State::NotBegun, &Standing::default()));
        Rows { each: vec![row; count], alike: HashMap::new() }
    }

    /// Notes what came of one.
    pub(super) fn put(&mut self, number: usize, row: Row) {
        let Some(place) = self.each.get_mut(number) else { return };
        *place = match row.likeness() {
            Some(likeness) => Arc::clone(self.alike.entry(likeness).or_insert_with(|| Arc::new(row))),
            None => Arc::new(row),
        };
    }

    pub(super) fn get(&self, number: usize) -> Option<&Row> {
        self.each.get(number).map(Arc::as_ref)
    }

    pub(super) fn len(&self) -> usize {
        self.each.len()
    }

    /// Each with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.each.iter().map(Arc::as_ref).enumerate()
    }

    /// The numbers of those that are in this state, in order.
    pub(super) fn in_state(&self, state: State) -> Vec<usize> {
        self.iter().filter(|(_, row)| row.state == state).map(|(number, _)| number).collect()
    }

    /// How many are in this state.
    pub(super) fn count(&self, state: State) -> usize {
        self.iter().filter(|(_, row)| row.state == state).count()
    }
}
