//! A finding on the wire: the JSON contract of `audit`, `check`, `migrate lint` and `schema diff`.

use serde::Serialize;

pub use crate::severity::Severity;

/// One finding.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Finding {
    /// The rule that raised it: `column-default`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, with the names of the spec (of the database where the spec does not have it).
    pub object: Object,
    /// The same with the names of the database, when there is one and a name differs.
    pub live_object: Option<Object>,
    /// What the spec says.
    pub expected: Option<String>,
    /// What the database has.
    pub actual: Option<String>,
    /// One sentence for a person.
    pub message: String,
    /// What formats for people show of it.
    #[serde(skip)]
    pub show: Show,
    /// Where the spec (or the linted file) says it.
    pub spec: Option<Place>,
    /// The ledger's entry that excuses it.
    pub deviation: Option<Deviation>,
    /// Whether the baseline has it: known, not yet mended.
    pub baseline: bool,
    /// The statements that close it, where it takes no more than one and no decision.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<String>,
}

/// What formats for people show of a finding; programs are given all of it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Show {
    /// Its message.
    #[default]
    Message,
    /// What the spec says and what the database has, side by side: rule and object say the rest.
    Sides {
        /// What they do not say: a probable rename, for example.
        note: Option<String>,
    },
}

/// What a finding is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Debug)]
pub struct Object {
    /// `table`, `column`, `index`, `foreign-key`, `check`, `view`, `trigger`, `pragma`, `file`, …
    pub kind: String,
    /// The table it belongs to.
    pub table: Option<String>,
    /// Its own name; of a table, the table's.
    pub name: Option<String>,
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Debug)]
pub struct Place {
    /// As it was named by the user.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// Why a finding is excused.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Deviation {
    /// The reason that somebody wrote down.
    pub reason: String,
    /// Where to read more.
    pub link: Option<String>,
}

impl Finding {
    /// The message, and each side in a line of its own, for formats that have room for a text only.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.message.clone()];
        if self.show != Show::Message {
            let side =
                |label: &str, side: &Option<String>| side.as_ref().map(|side| format!("{label}: {side}"));
            lines.extend(side("spec", &self.expected));
            lines.extend(side("database", &self.actual));
        }
        lines
    }
}

impl Object {
    /// Whether it is a table or a view itself, not a part of one.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.kind.as_str(), "table" | "view")
    }

    /// Its name in full: `plans.phase`; of something without a name, its kind.
    pub fn path(&self) -> String {
        match (&self.table, &self.name) {
            (Some(table), Some(name)) if table != name || !self.is_whole() => format!("{table}.{name}"),
            (_, Some(name)) | (Some(name), None) => name.clone(),
            (None, None) => self.kind.clone(),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
