//! What taking migrations back destroys, and what applying them takes along that no migration made.

use crate::base::error::{Error, ErrorKind};
use crate::base::words::counted;
use crate::migrations::{Version, label};
use crate::schema::Ident;

/// How something is lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum LossKind {
    /// Rows go with their table, or are not copied into the table that takes its place.
    Rows,
    /// Values go with their column, or are not what they were in the table that takes the place of theirs.
    Values,
    /// Rows are deleted from a table that stays.
    DeletedRows,
    /// Other values are written over those that are there.
    OverwrittenValues,
    /// A column goes, with the values that it has.
    Column,
    /// An index goes with its table.
    Index,
    /// A trigger goes with its table or view.
    Trigger,
}

impl LossKind {
    /// Whether it is a part of the schema that goes: then it is lost whether there are rows or not.
    pub fn is_schema(self) -> bool {
        matches!(self, LossKind::Column | LossKind::Index | LossKind::Trigger)
    }
}

/// Rows of one table, values of one of its columns, or an index or a trigger, that are lost.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Loss {
    /// How.
    pub kind: LossKind,
    /// The table, as it is called before.
    pub table: Ident,
    /// The column, where values are lost.
    pub column: Option<Ident>,
    /// The index or the trigger.
    pub object: Option<Ident>,
    /// How many rows or values; `None` of an index and a trigger, and where only the rows could tell and none were there to
    /// ask.
    pub count: Option<u64>,
}

impl Loss {
    /// "3 rows of users are lost"
    pub fn sentence(&self) -> String {
        let table = self.table.shown();
        let object = self.object.as_ref().map(Ident::shown).unwrap_or_default();
        let of = match &self.column {
            Some(column) => format!("{table}.{}", column.shown()),
            None => table.to_string(),
        };
        let (one, fate) = match self.kind {
            LossKind::Rows => ("row", "lost"),
            LossKind::DeletedRows => ("row", "deleted"),
            LossKind::Values => ("value", "lost"),
            LossKind::OverwrittenValues => ("value", "overwritten"),
            LossKind::Column => {
                let values = self.count.filter(|count| *count > 0).map(|count| counted(count, "value"));
                let with = values.map(|values| format!(", with {values}")).unwrap_or_default();
                return format!("the column {of} is dropped{with}");
            }
            LossKind::Index => return format!("the index {object} of {table} is dropped"),
            LossKind::Trigger => return format!("the trigger {object} of {table} is dropped"),
        };
        match self.count {
            Some(1) => format!("1 {one} of {of} is {fate}"),
            Some(count) => format!("{} of {of} are {fate}", counted(count, one)),
            None if matches!(self.kind, LossKind::Rows | LossKind::Values) => {
                format!("the {one}s of {of} are {fate}")
            }
            None => format!("{one}s of {of} may be {fate}"),
        }
    }
}

/// What taking one migration back destroys.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Lost {
    /// Its version.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// Whether it was recorded as applied, and never ran here: then all that it takes away was there before.
    pub recorded: bool,
    /// What is lost, by kind, table and column.
    pub losses: Vec<Loss>,
}

impl Lost {
    /// `V7__align_plans_schema`
    pub fn label(&self) -> String {
        label(self.version, &self.name)
    }

    /// Whether nobody needs to be asked.
    pub fn is_harmless(&self) -> bool {
        !self.recorded && self.losses.is_empty()
    }

    /// One sentence each, the migration's name in front.
    pub fn sentences(&self) -> Vec<String> {
        let label = self.label();
        let recorded = self.recorded.then(|| {
            format!(
                "{label} was recorded as applied and never ran here: what its down removes was there before"
            )
        });
        let losses = self.losses.iter().map(|loss| format!("{label}: {}", loss.sentence()));
        recorded.into_iter().chain(losses).collect()
    }
}

/// Why a run that nobody allowed to destroy anything does not begin.
pub(crate) fn refusal(lost: &[Lost]) -> Error {
    let labels: Vec<String> = lost.iter().map(Lost::label).collect();
    let only_schema =
        lost.iter().all(|lost| !lost.recorded && lost.losses.iter().all(|l| l.kind.is_schema()));
    let does = if only_schema { "drops what no migration made" } else { "destroys data" };
    let message = match labels.as_slice() {
        [one] => format!("reverting {one} {does}; nothing was changed"),
        several => format!("reverting {} migrations {does}; nothing was changed", several.len()),
    };
    with_sentences(message, lost)
}

/// Why migrations are not applied that would take along what no migration made, and nobody allowed that.
pub(crate) fn refusal_of_up(lost: &[Lost]) -> Error {
    let labels: Vec<String> = lost.iter().map(Lost::label).collect();
    let message = match labels.as_slice() {
        [one] => format!("{one} drops what no migration made; nothing was changed"),
        several => format!("{} migrations drop what no migration made; nothing was changed", several.len()),
    };
    with_sentences(message, lost)
}

fn with_sentences(message: String, lost: &[Lost]) -> Error {
    lost.iter().flat_map(Lost::sentences).fold(Error::new(ErrorKind::Data, message), Error::note)
}
