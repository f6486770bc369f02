//! What a rule of the audit is.

use crate::base::severity::Severity;

/// What a rule is.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What raises it: the spec's SQL after `spec:`, the database's after `database:`, a ledger after `ledger:`. Both
    /// run as they are; further lines are indented.
    pub example: &'static str,
}

pub(super) const fn error(summary: &'static str, why: &'static str, example: &'static str) -> Rule {
    Rule { severity: Severity::Error, summary, why, example }
}

pub(super) const fn warning(summary: &'static str, why: &'static str, example: &'static str) -> Rule {
    Rule { severity: Severity::Warning, summary, why, example }
}
