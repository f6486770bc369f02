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
