use std::collections::BTreeMap;

use super::abridge;
use super::document::{Block, Cell, Difference, Differences, Document, Span, Style};
use super::finding::file;
use super::summary::Standing;
use crate::base::finding::{Finding, Object};
use crate::base::severity::Severity;
use crate::base::source::Location;

/// What the two sides of a difference are called in an audit.
pub const SPEC_AND_DATABASE: [&str; 2] = ["Spec", "Database"];

impl Document {
    /// Adds findings as every command shows them: those that count first, then those that the ledger or the baseline
    /// excuses. Differences are grouped by table, what only has a message by file. The counts are not part of it: each
    /// format writes them where it has a place for them.
    pub fn findings(&mut self, findings: &[Finding]) {
        self.findings_of(findings, &BTreeMap::new(), SPEC_AND_DATABASE);
    }

    /// As [`Document::findings`]; `tables` says where the spec states each table, for its title, and `sides` what is
    /// expected and what is there.
    pub fn findings_of(
        &mut self,
        findings: &[Finding],
        tables: &BTreeMap<String, Location>,
        sides: [&'static str; 2],
    ) {
        let of = |standing| findings.iter().filter(move |finding| finding.standing() == standing);
        let (differences, messages): (Vec<&Finding>, Vec<&Finding>) =
            of(Standing::Open).partition(|finding| finding.has_sides());
        if !differences.is_empty() {
            let groups = grouped(differences, |finding| finding.object.table.as_deref());
            let groups = groups.iter().map(|(table, group)| differences_of(*table, group, tables));
            self.blocks.push(Block::Differences { sides, groups: groups.collect() });
        }
        for (at, group) in grouped(messages, |finding| finding.location.as_ref().map(|at| at.file.as_path()))
        {
            self.heading(at.map_or("Without a place".to_owned(), |file| file.display().to_string()));
            let rows = group.into_iter().map(message_row).collect();
            self.table(&["Line", "Severity", "Rule", "Finding"], rows);
        }
        let documented: Vec<Vec<Cell>> = of(Standing::Documented).map(documented_row).collect();
        self.folded("Documented", &["Rule", "Object", "Reason"], documented);
        let baseline: Vec<Vec<Cell>> = of(Standing::Baseline).map(baseline_row).collect();
        self.folded("In the baseline", &["Rule", "Object", "Finding"], baseline);
    }

    /// Adds the tables that were looked at by nobody.
    pub fn left_out(&mut self, names: &[String]) {
        self.folded(
            "Left out",
            &["Table of others"],
            names.iter().map(|name| vec![name.as_str().into()]).collect(),
        );
    }

    fn folded(&mut self, title: &str, header: &[&str], rows: Vec<Vec<Cell>>) {
        if !rows.is_empty() {
            let header = header.iter().map(|&title| title.to_owned()).collect();
            self.blocks.push(Block::Folded { title: title.to_owned(), header, rows });
        }
    }
}

impl Difference {
    /// The titles of [`Difference::cells`].
    pub(super) fn titles([expected, actual]: [&'static str; 2]) -> [&'static str; 5] {
        ["Rule", "Object", expected, actual, "Line"]
    }

    /// A row for formats that have as much room as they want.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let rule = vec![self.severity.clone(), " ".into(), self.rule.as_str().into()];
        let mut object = self.object.clone();
        object.extend(self.note.as_ref().map(|note| Span::new(format!(" — {note}"), Style::Dim)));
        let side = |side: &Option<String>| match side {
            Some(text) => Span::new(text.as_str(), Style::Code).into(),
            None => Span::new("—", Style::Dim).into(),
        };
        let cell = |spans| Cell { spans, number: false };
        let line = Cell { spans: vec![Span::new(self.place.as_str(), Style::Dim)], number: true };
        vec![cell(rule), cell(object), side(&self.expected), side(&self.actual), line]
    }
}

/// Findings by what `key` says of them, both in the order in which they come.
fn grouped<'a, K: PartialEq + Copy>(
    findings: Vec<&'a Finding>,
    key: impl Fn(&'a Finding) -> K,
) -> Vec<(K, Vec<&'a Finding>)> {
    let mut groups: Vec<(K, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let of = key(finding);
        // They come sorted: it is nearly always the last group.
        match groups.iter_mut().rev().find(|(known, _)| *known == of) {
            Some((_, group)) => group.push(finding),
            None => groups.push((of, vec![finding])),
        }
    }
    groups
}

fn differences_of(
    table: Option<&str>,
    group: &[&Finding],
    tables: &BTreeMap<String, Location>,
) -> Differences {
    let place = table.and_then(|table| tables.get(table));
    let first = group.iter().find_map(|finding| finding.location.as_ref());
    let in_file = place.or(first);
    let mut title = vec![Span::new(table.unwrap_or("Pragmas"), Style::Strong)];
    let live = group.iter().find_map(|finding| finding.live_object.as_ref()?.table.as_deref());
    if let Some(live) = live.filter(|live| table.is_some_and(|table| !table.eq_ignore_ascii_case(live))) {
        title.push(Span::new(format!(" ({live})"), Style::Plain));
    }
    if let Some(at) = in_file {
        let line = place.map_or(String::new(), |place| format!(":{}", place.line));
        title.push(Span::new(format!("  {}{line}", file(at)), Style::Dim));
    }
    Differences { title, rows: group.iter().map(|finding| difference(finding, in_file)).collect() }
}

fn difference(finding: &Finding, in_file: Option<&Location>) -> Difference {
    let place = finding.location.as_ref().map_or(String::new(), |at| match in_file {
        Some(other) if other.file == at.file => at.line.to_string(),
        _ => format!("{}:{}", file(at), at.line),
    });
    let [expected, actual] = abridge::sides(finding.expected.as_deref(), finding.actual.as_deref());
    Difference {
        severity: severity(finding.severity),
        rule: finding.rule,
        object: object_spans(finding),
        expected,
        actual,
        note: finding.note.clone(),
        place,
    }
}

/// The object without its table, and its live name where neither side shows it.
fn object_spans(finding: &Finding) -> Vec<Span> {
    let own = |object: &Object| object.name.clone().filter(|_| !object.is_whole());
    let Some(name) = own(&finding.object) else {
        // The table itself, or something of it that has no name.
        return vec![Span::new(finding.object.kind, Style::Dim)];
    };
    let live = finding
        .live_object
        .as_ref()
        .and_then(own)
        .filter(|live| !live.eq_ignore_ascii_case(&name) && finding.actual.as_ref() != Some(live));
    let mut spans = vec![Span::new(name, Style::Code)];
    spans.extend(live.map(|live| Span::new(format!(" ({live})"), Style::Dim)));
    spans
}

fn severity(severity: Severity) -> Span {
    match severity {
        Severity::Error => Span::new("error", Style::Bad),
        Severity::Warning => Span::new("warning", Style::Warning),
    }
}

fn message_row(finding: &Finding) -> Vec<Cell> {
    let place = finding.location.as_ref().map_or(String::new(), |at| format!("{}:{}", at.line, at.column));
    vec![
        Cell { spans: vec![Span::new(place, Style::Dim)], number: true },
        severity(finding.severity).into(),
        finding.rule.as_str().into(),
        finding.sentence().into_owned().into(),
    ]
}

fn documented_row(finding: &Finding) -> Vec<Cell> {
    let mut reason = Vec::new();
    if let Some(excuse) = &finding.excuse {
        reason.push(excuse.reason.as_str().into());
        reason.extend(excuse.link.as_ref().map(|link| Span::new(format!(" ({link})"), Style::Dim)));
    }
    let mut row = excused_row(finding);
    row.push(Cell { spans: reason, number: false });
    row
}

fn baseline_row(finding: &Finding) -> Vec<Cell> {
    let mut row = excused_row(finding);
    row.push(finding.sentence().into_owned().into());
    row
}

fn excused_row(finding: &Finding) -> Vec<Cell> {
    vec![finding.rule.as_str().into(), Span::new(finding.object.path(), Style::Code).into()]
}
