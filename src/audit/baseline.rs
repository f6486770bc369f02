//! The baseline: findings that are known and not yet fixed. It can only shrink.
//!
//! The ledger is for differences that are meant, with a reason each; the baseline for those that are not yet fixed,
//! so that a gate can be switched on today and stay green until something new comes. The file is sorted and stable:
//! a change to it reads well in review.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::ledger;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::finding::Finding;
use crate::base::rule::RuleCode;
use crate::base::source::SourceFile;
use crate::base::toml_error;

/// The findings of a baseline file, sorted, each once.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// What identifies a finding. Not its message or its place: those change without the finding becoming another one.
/// Its rule is a name of one, or that with its place while a file is read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Entry<R = &'static str> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    rule: R,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actual: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<R> {
    #[serde(default = "Vec::new")]
    finding: Vec<Entry<R>>,
}

const HEADER: &str = "\
# Known drift: findings of `planctl audit` that are not fixed yet. Written by `planctl audit --write-baseline`; the file
# only shrinks, unless `--accept-new` is given. Intended differences belong in the deviation ledger.
";

impl Entry {
    /// Of what the data holds, the number of rows is no part: it changes from day to day.
    fn of(finding: &Finding) -> Entry {
        let object = &finding.object;
        let actual = finding.actual.clone().filter(|_| !finding.rule.is_about_rows());
        Entry {
            table: object.table.clone(),
            rule: finding.rule.as_str(),
            kind: object.kind.to_owned(),
            name: object.name.clone(),
            expected: finding.expected.clone(),
            actual,
        }
    }
}

impl Baseline {
    /// The baseline that records these findings.
    pub fn of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Baseline {
        Baseline::sorted(findings.map(Entry::of).collect())
    }

    fn sorted(mut entries: Vec<Entry>) -> Baseline {
        entries.sort();
        entries.dedup();
        Baseline { entries }
    }

    /// Reads a baseline file.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the line: TOML that can't be read, an unknown key or rule.
    pub fn parse(source: &SourceFile) -> Result<Baseline> {
        let file: File<Spanned<String>> = toml::from_str(source.text()).map_err(|error| {
            toml_error::refused(source, 0, &error)
                .note("known drift is recorded by `planctl audit --write-baseline FILE`, not by hand")
        })?;
        let entries = file.finding.into_iter().map(|entry| {
            let Entry { table, rule, kind, name, expected, actual } = entry;
            let rule = ledger::rule(&rule, source)?.as_str();
            Ok(Entry { table, rule, kind, name, expected, actual })
        });
        Ok(Baseline::sorted(entries.collect::<Result<_>>()?))
    }

    /// The text of the file.
    ///
    /// # Errors
    /// When an entry cannot be written as TOML.
    pub fn text(&self) -> Result<String> {
        let file = File { finding: self.entries.clone() };
        let body =
            toml::to_string(&file).map_err(|error| Error::new(ErrorKind::Config, error.to_string()))?;
        Ok(if self.entries.is_empty() { HEADER.to_owned() } else { format!("{HEADER}\n{body}") })
    }

    /// Whether the baseline has the finding.
    pub fn has(&self, finding: &Finding) -> bool {
        self.entries.binary_search(&Entry::of(finding)).is_ok()
    }

    /// The entries that are in `other`, too.
    #[must_use]
    pub fn shrunk_to(&self, other: &Baseline) -> Baseline {
        let entries = self.entries.iter().filter(|entry| other.entries.binary_search(entry).is_ok());
        Baseline { entries: entries.cloned().collect() }
    }

    /// The same with the entries about rows that `other` has: nobody has looked at them again.
    #[must_use]
    pub fn with_rows_of(mut self, other: &Baseline) -> Baseline {
        self.entries.extend(other.about_rows().cloned());
        Baseline::sorted(self.entries)
    }

    /// How many entries are about rows, which only an audit that looks at rows finds.
    pub fn rows(&self) -> usize {
        self.about_rows().count()
    }

    fn about_rows(&self) -> impl Iterator<Item = &Entry> {
        let is_about_rows = |entry: &&Entry| RuleCode::parse(entry.rule).is_some_and(RuleCode::is_about_rows);
        self.entries.iter().filter(is_about_rows)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
