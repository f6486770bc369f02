use crate::backfill::OnOrphan;
use crate::base::severity::Severity;
use crate::migrations::DirectiveKind;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a backfill that makes roots of rows whose parent does not exist",
    explanation: "With on-orphan=self a row whose parent is missing becomes a root, on every database and without a word; \
                  afterwards nobody can tell it from a true root. The default stops the migration and names the rows. \
                  If such rows are known and shall become roots, allow it with the reason.",
    check: Check::Text(|view, _, sink| {
        for directive in view.script.directives() {
            if let DirectiveKind::Backfill(spec) = &directive.kind
                && spec.on_orphan == OnOrphan::SelfRoot
            {
                sink.report(
                    directive.start,
                    format!("on-orphan=self makes roots of the orphans of {} without a word", spec.table),
                    "leave on-orphan out, so that orphans stop the migration and are named",
                );
            }
        }
    }),
};
