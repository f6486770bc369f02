//! What any part of planctl finds, of a schema, its rows, a migration file or a test: data, for the report to show.

use std::borrow::Cow;

use super::rule::RuleCode;
use super::severity::Severity;
use super::source::Location;

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that raised it.
    pub rule: RuleCode,
    /// The rule's severity, or another one: of an audit less where no statement can behave differently, of lint what the
    /// project makes of the rule.
    pub severity: Severity,
    /// What it is about, with the names of the spec (of the database where the spec does not have it).
    pub object: Object,
    /// The same in the database's names, where they differ.
    pub live_object: Option<Object>,
    /// What the spec says, in the database's names so that both sides compare.
    pub expected: Option<String>,
    /// What the database has.
    pub actual: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The part of the message that the other fields do not say already: a probable rename, for example.
    pub note: Option<String>,
    /// Where the spec, the ledger or the file speaks of it.
    pub location: Option<Location>,
    /// Why it does not count, when the ledger says so.
    pub excuse: Option<Excuse>,
    /// Whether the baseline has it: known, not yet fixed.
    pub in_baseline: bool,
    /// The statements that close it, where it takes no more than one and no decision.
    pub fix: Vec<String>,
    /// The name of the database that it is about, where there are several.
    pub database: Option<String>,
    /// Which of the audit's changes it is, when it is one.
    pub(crate) change: Option<usize>,
}

/// What a finding is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub struct Object {
    /// `table`, `column`, `index`, `foreign-key`, `check`, `view`, `trigger`, `pragma`, `file`, …
    pub kind: &'static str,
    /// The table it belongs to.
    pub table: Option<String>,
    /// Its own name; of a table, the table's; of constraints without a name, their columns.
    pub name: Option<String>,
}

/// The ledger's entry for a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Excuse {
    /// Why the difference is meant.
    pub reason: String,
    /// Where to read more.
    pub link: Option<String>,
}

impl Finding {
    /// A finding with nothing but what each has.
    pub(crate) fn new(
        rule: impl Into<RuleCode>,
        severity: Severity,
        object: Object,
        message: String,
    ) -> Finding {
        Finding {
            rule: rule.into(),
            severity,
            object,
            message,
            live_object: None,
            expected: None,
            actual: None,
            help: None,
            note: None,
            location: None,
            excuse: None,
            in_baseline: false,
            fix: Vec::new(),
            database: None,
            change: None,
        }
    }

    /// Whether nothing excuses it.
    pub fn is_open(&self) -> bool {
        self.excuse.is_none() && !self.in_baseline
    }

    /// What is wrong and what to do, in one sentence.
    pub fn sentence(&self) -> Cow<'_, str> {
        match &self.help {
            Some(help) if !self.fix.is_empty() => {
                format!("{}: {help}: `{}`", self.message, self.fix.join(" ")).into()
            }
            Some(help) => format!("{}: {help}", self.message).into(),
            None => self.message.as_str().into(),
        }
    }
}

impl Object {
    /// The file that a location is in.
    pub(crate) fn file(location: Option<&Location>) -> Object {
        let name = location.and_then(|location| location.file.file_name());
        Object { kind: "file", table: None, name: name.map(|name| name.to_string_lossy().into_owned()) }
    }

    /// Whether it is a table or a view itself, not a part of one.
    pub fn is_whole(&self) -> bool {
        matches!(self.kind, "table" | "view")
    }

    /// Its name in full: `plans.phase`; of something without a name, its kind.
    pub fn path(&self) -> String {
        match (&self.table, &self.name) {
            (Some(table), Some(name)) if table != name || !self.is_whole() => format!("{table}.{name}"),
            (_, Some(name)) | (Some(name), None) => name.clone(),
            (None, None) => self.kind.to_owned(),
        }
    }
}
