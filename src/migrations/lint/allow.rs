//! `-- planctl:allow RULE REASON`: silences a rule for the statement (or data step) below it.

use crate::base::nearest::did_you_mean;
use crate::migrations::{Directive, DirectiveKind};

use super::rule::Raised;
use super::rules::rule;
use super::view::View;
use crate::base::finding::{Finding, Object};
use crate::base::rule::{LintRule, RuleCode};

/// Takes away what is allowed, and adds what is wrong with the directives themselves.
pub(super) fn apply(view: &View<'_>, mut raised: Vec<Raised>) -> Vec<Raised> {
    let steps = view.steps();
    // The step that an offset belongs to: the last one that begins at or before it.
    let step_at = |at: usize| steps.partition_point(|&start| start <= at).checked_sub(1);
    let mut own = Vec::new();
    for Directive { kind, start } in view.script.directives() {
        let DirectiveKind::Allow { rule: code, reason } = kind else { continue };
        let mut report = |rule, message: String, help: String| {
            own.push(Raised::new(rule, *start, message, help));
        };
        let Some(RuleCode::Lint(known)) = RuleCode::parse(code) else {
            let help = did_you_mean(code, LintRule::all().map(LintRule::as_str));
            report(LintRule::UnknownRule, format!("there is no lint rule `{code}`"), help);
            continue;
        };
        // The text does not tell whether it silences anything.
        if rule(known).needs_schema() {
            continue;
        }
        // The step below; in a file with none, what is wrong with the file itself.
        let below = steps.iter().position(|step| step > start);
        let before = raised.len();
        raised.retain(|finding| {
            finding.rule != known || step_at(finding.at) != below || (below.is_none() && !steps.is_empty())
        });
        if raised.len() == before {
            report(
                LintRule::UnusedAllow,
                format!("nothing below breaks the rule `{code}`"),
                "delete the directive, or move it directly above the statement that it is for".to_owned(),
            );
        } else if reason.is_none() {
            own.push(without_reason(code, *start));
        }
    }
    raised.append(&mut own);
    raised
}

pub(super) fn without_reason(code: &str, at: usize) -> Raised {
    let message = format!("`allow {code}` does not say why");
    let help = format!("write the reason after it: `-- planctl:allow {code} REASON`");
    Raised::new(LintRule::AllowWithoutReason, at, message, help)
}

/// What was raised in a script, by its place.
pub(super) fn findings(view: &View<'_>, mut raised: Vec<Raised>) -> Vec<Finding> {
    raised.sort_by_key(|raised| (raised.at, raised.rule));
    let finding = |Raised { rule: of, severity, at, message, help, fix }| {
        let location = Some(view.file.location(at));
        let object = Object::file(location.as_ref());
        let finding = Finding::new(of, severity.unwrap_or(rule(of).severity), object, message);
        Finding { help: Some(help), fix: fix.into_iter().collect(), location, ..finding }
    };
    raised.into_iter().map(finding).collect()
}
