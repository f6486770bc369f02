use crate::backfill::OnOrphan;
use crate::base::severity::Severity;
use crate::migrations::DirectiveKind;
use crate::migrations::lint::rule::{Check, Rule};

pub(crate) const RULE: Rule = Rule {
    severity: Severity::Warning,
    summary: "a backfill that turns rows without an existing parent into roots",
    explanation: "With on-orphan=self, a row whose parent is missing silently becomes a root, on every database, \
                  and afterwards nobody can tell it from a real root. The default stops the migration and names \
                  the rows. If you know these rows and want them to be roots, allow it and say why.",
    check: Check::Text(|view, _, sink| {
        for directive in view.script.directives() {
            if let DirectiveKind::Backfill(spec) = &directive.kind
                && spec.on_orphan == OnOrphan::SelfRoot
            {
                sink.report(
                    directive.start,
                    format!("on-orphan=self silently makes roots of the orphans of {}", spec.table),
                    "leave on-orphan out, so that orphans stop the migration and are named",
                );
            }
        }
    }),
};
