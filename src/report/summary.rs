use std::cmp::Reverse;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::finding::Finding;
use crate::base::rule::{AuditRule, LedgerRule, RuleCode};
use crate::base::severity::Severity;
use crate::base::words::counted;

/// How many findings there are of each kind. Errors and warnings are those that nothing excuses.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema, Debug)]
pub struct Summary {
    /// Errors that nothing excuses.
    pub errors: usize,
    /// Warnings that nothing excuses.
    pub warnings: usize,
    /// Findings that the ledger excuses.
    pub documented: usize,
    /// Findings that the baseline has.
    pub baseline: usize,
    /// Ledger entries that match nothing any more; they are errors or warnings, too.
    pub stale_deviations: usize,
    /// Tables and views that were left out because they are somebody else's.
    pub ignored: usize,
}

/// Whether a finding counts, and if not, why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nothing excuses it.
    Open,
    /// The ledger excuses it.
    Documented,
    /// The baseline has it.
    Baseline,
}

/// How many findings of one rule there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleSummary {
    /// The rule.
    pub rule: RuleCode,
    /// The highest severity of those that count; `None` where all are excused.
    pub severity: Option<Severity>,
    /// How many there are of each standing: open, documented, in the baseline.
    pub counts: [usize; 3],
}

impl RuleSummary {
    /// Counts by rule; what is found most often comes first.
    pub fn of(findings: &[Finding]) -> Vec<RuleSummary> {
        let mut rules: BTreeMap<RuleCode, RuleSummary> = BTreeMap::new();
        for finding in findings {
            let rule = finding.rule;
            let none = RuleSummary { rule, severity: None, counts: [0; 3] };
            let summary = rules.entry(rule).or_insert(none);
            let [open, documented, baseline] = &mut summary.counts;
            match finding.standing() {
                Standing::Open => {
                    *open += 1;
                    summary.severity = summary.severity.max(Some(finding.severity));
                }
                Standing::Documented => *documented += 1,
                Standing::Baseline => *baseline += 1,
            }
        }
        let mut rules: Vec<RuleSummary> = rules.into_values().collect();
        rules.sort_by_key(|rule| Reverse(rule.counts));
        rules
    }
}

impl Finding {
    /// Whether the finding counts, and if not, why. The ledger, which gives a reason, comes before the baseline.
    pub fn standing(&self) -> Standing {
        match (&self.excuse, self.in_baseline) {
            (Some(_), _) => Standing::Documented,
            (None, true) => Standing::Baseline,
            (None, false) => Standing::Open,
        }
    }
}

impl Summary {
    /// Counts.
    pub fn of(findings: &[Finding]) -> Summary {
        let mut summary = Summary::default();
        for finding in findings {
            match (finding.standing(), finding.severity) {
                (Standing::Documented, _) => summary.documented += 1,
                (Standing::Baseline, _) => summary.baseline += 1,
                (Standing::Open, Severity::Error) => summary.errors += 1,
                (Standing::Open, Severity::Warning) => summary.warnings += 1,
            }
            if finding.standing() == Standing::Open
                && finding.rule == RuleCode::Audit(AuditRule::Ledger(LedgerRule::Stale))
            {
                summary.stale_deviations += 1;
            }
        }
        summary
    }

    /// Findings that nothing excuses.
    pub fn open(&self) -> usize {
        self.errors + self.warnings
    }

    /// The counts as a sentence: `2 errors, 1 warning; 3 deviations`. What an audit finds is drift.
    pub fn sentence(&self, is_audit: bool) -> String {
        let mut found = Vec::new();
        if self.open() == 0 {
            let nothing = match (is_audit, self.baseline > 0) {
                (true, false) => "no drift",
                (true, true) => "no new drift",
                (false, false) => "nothing found",
                (false, true) => "nothing new found",
            };
            found.push(nothing.to_owned());
        }
        if self.errors > 0 {
            found.push(counted(self.errors, "error"));
        }
        if self.warnings > 0 {
            found.push(counted(self.warnings, "warning"));
        }
        let mut excused = Vec::new();
        if self.documented > 0 {
            excused.push(counted(self.documented, "deviation"));
        }
        if self.baseline > 0 {
            excused.push(format!("{} known", self.baseline));
        }
        if self.ignored > 0 {
            excused.push(format!("{} ignored", counted(self.ignored, "table")));
        }
        let parts = [found, excused].map(|part| part.join(", "));
        parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}
