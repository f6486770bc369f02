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

#[cfg(test)]
pub(crate) const FIXTURES: &[crate::migrations::lint::fixture::Fixture] = {
    use crate::migrations::lint::fixture::Fixture;
    &[
        Fixture::good("-- planctl:allow destructive-statement nobody ever wrote to it\nDROP TABLE t;"),
        Fixture::bad("-- planctl:allow destructive-statement\nDROP TABLE t;", &[("allow-without-reason", 1)]),
        Fixture::bad(
            "-- planctl:allow destructive-statment gone\nDROP TABLE t;",
            &[("unknown-rule", 1), ("destructive-statement", 2)],
        ),
        Fixture::bad(
            "-- planctl:allow destructive-statement gone\nSELECT 1;\nDROP TABLE t;",
            &[("unused-allow", 1), ("destructive-statement", 3)],
        ),
        Fixture::bad("DROP TABLE t;\n-- planctl:allow destructive-statement gone\n", &[
            ("destructive-statement", 1),
            ("unused-allow", 2),
        ]),
        Fixture::bad(
            "-- planctl:allow destructive-statement a\n-- planctl:allow missing-down b\n\n-- and why\nDELETE FROM t;\n\
             DELETE FROM u;",
            &[("destructive-statement", 6)],
        )
        .down(None),
    ]
};
