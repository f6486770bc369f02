use super::document::{Cell, Document, Span, Style};
use super::finding::{Finding, Object, Severity};
use super::summary::Standing;

impl Document {
    /// Adds findings as every command shows them: those that count first, then those that the ledger or the baseline
    /// excuses. The counts are not part of it: each format writes them where it has a place for them.
    pub fn findings(&mut self, findings: &[Finding]) {
        let of = |standing| findings.iter().filter(move |finding| finding.standing() == standing);
        let open: Vec<Vec<Cell>> = of(Standing::Open).map(open_row).collect();
        if !open.is_empty() {
            self.table(&["Severity", "Rule", "Object", "Finding", "Where"], open);
        }
        let documented: Vec<Vec<Cell>> = of(Standing::Documented).map(documented_row).collect();
        if !documented.is_empty() {
            self.heading("Documented");
            self.table(&["Rule", "Object", "Finding", "Reason"], documented);
        }
        let baseline: Vec<Vec<Cell>> = of(Standing::Baseline).map(excused_row).collect();
        if !baseline.is_empty() {
            self.heading("In the baseline");
            self.table(&["Rule", "Object", "Finding"], baseline);
        }
    }
}

fn open_row(finding: &Finding) -> Vec<Cell> {
    let (severity, style) = match finding.severity {
        Severity::Error => ("error", Style::Bad),
        Severity::Warning => ("warning", Style::Warning),
    };
    vec![
        Span::new(severity, style).into(),
        finding.rule.as_str().into(),
        object_cell(&finding.object),
        finding.message.as_str().into(),
        Span::new(finding.spec.as_ref().map_or(String::new(), |place| place.to_string()), Style::Dim).into(),
    ]
}

fn documented_row(finding: &Finding) -> Vec<Cell> {
    let reason = finding.deviation.as_ref().map_or("", |deviation| deviation.reason.as_str());
    let mut row = excused_row(finding);
    row.push(Span::new(reason, Style::Dim).into());
    row
}

fn excused_row(finding: &Finding) -> Vec<Cell> {
    vec![finding.rule.as_str().into(), object_cell(&finding.object), finding.message.as_str().into()]
}

fn object_cell(object: &Object) -> Cell {
    Span::new(object.path(), Style::Code).into()
}
