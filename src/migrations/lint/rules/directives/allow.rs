//! The rules about `-- planctl:allow` itself. They are raised where the directives are applied, in `allow.rs`.

use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const ALLOW_WITHOUT_REASON: Rule = Rule {
    severity: Severity::Warning,
    summary: "a directive silences a rule without a reason",
    explanation: "Whoever reads the file later wants to know why the rule does not apply. Add the reason: `-- \
                  planctl:allow RULE REASON`.",
    check: Check::Directive,
};

pub(crate) const UNKNOWN_RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a directive names a rule that does not exist",
    explanation: "The name of the rule is misspelt, so nothing is silenced. Use the name that the finding shows.",
    check: Check::Directive,
};

pub(crate) const UNUSED_ALLOW: Rule = Rule {
    severity: Severity::Warning,
    summary: "a directive silences nothing",
    explanation: "The statement below does not break the rule. If somebody changes it and does, the directive \
                  would hide that. Delete it.",
    check: Check::Directive,
};
