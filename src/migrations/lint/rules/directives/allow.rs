//! The rules about `-- planctl:allow` itself. They are raised where the directives are applied, in `allow.rs`.

use crate::base::severity::Severity;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const ALLOW_WITHOUT_REASON: Rule = Rule {
    severity: Severity::Warning,
    summary: "a rule is silenced and nobody says why",
    explanation: "`-- planctl:allow RULE REASON` keeps the reason beside the statement, for those who read it later. \
                  Write it.",
    check: Check::Directive,
};

pub(crate) const UNKNOWN_RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a directive names a rule that does not exist",
    explanation: "The rule is misspelt, so that nothing is silenced. Use the name that the finding shows.",
    check: Check::Directive,
};

pub(crate) const UNUSED_ALLOW: Rule = Rule {
    severity: Severity::Warning,
    summary: "a directive silences nothing",
    explanation: "The statement below does not break the rule. A directive that is left behind would silence the rule \
                  when somebody breaks it later: delete it.",
    check: Check::Directive,
};
