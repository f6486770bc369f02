use std::borrow::Cow;
use std::collections::BTreeMap;

use super::abridge;
use super::document::{Block, Cell, Difference, Differences, Document, Message, Place, Span, Style, Versus};
use super::finding::file;
use super::summary::Standing;
use crate::base::finding::{Finding, Object};
use crate::base::rule::{self, AuditRule, RuleCode};
use crate::base::severity::Severity;
use crate::base::source::Location;
use crate::sql::display_name;

/// The titles of what does not count. How much of each there is, is said with the counts.
pub(super) const DEVIATIONS: &str = "Deviations";
pub(super) const KNOWN_DRIFT: &str = "Known drift";
pub(super) const IGNORED_TABLES: &str = "Ignored tables";

impl Document {
    /// Adds findings as every command shows them: those that count first, then those that the ledger or the baseline
    /// excuses. Differences are grouped by table, what only has a message by file. The counts are not part of it: each
    /// format writes them where it has a place for them.
    pub fn findings(&mut self, findings: &[Finding]) {
        self.findings_of(findings, &BTreeMap::new(), Versus::SpecAndDatabase);
    }

    /// As [`Document::findings`]; `tables` says where the spec states each table, for its title, and `sides` what is
    /// expected and what is there.
    pub fn findings_of(&mut self, findings: &[Finding], tables: &BTreeMap<String, Location>, sides: Versus) {
        let of = |standing| findings.iter().filter(move |finding| finding.standing() == standing);
        let (differences, messages): (Vec<&Finding>, Vec<&Finding>) =
            of(Standing::Open).partition(|finding| finding.has_sides());
        if !differences.is_empty() {
            let groups = grouped(differences, |finding| finding.object.table.as_deref());
            let groups = groups.iter().map(|(table, group)| differences_of(*table, group, tables, sides));
            self.blocks.push(Block::Differences { sides, groups: groups.collect() });
        }
        for (at, group) in grouped(messages, |finding| finding.location.as_ref().map(|at| at.file.as_path()))
        {
            let file = at.map(|file| file.display().to_string());
            self.blocks.push(Block::Messages { file, rows: group.into_iter().map(message).collect() });
        }
        let documented: Vec<Vec<Cell>> = of(Standing::Documented).map(documented_row).collect();
        self.folded(DEVIATIONS, &["rule", "object", "reason"], documented);
        let baseline: Vec<Vec<Cell>> = of(Standing::Baseline).map(baseline_row).collect();
        self.folded(KNOWN_DRIFT, &["rule", "object", "finding"], baseline);
    }

    /// Adds the tables that were looked at by nobody.
    pub fn left_out(&mut self, names: &[String]) {
        self.folded(
            IGNORED_TABLES,
            &["table"],
            names.iter().map(|name| vec![name.as_str().into()]).collect(),
        );
    }

    /// Adds a table that a terminal shows to those who want to know everything; nothing where it has no rows.
    pub fn folded(&mut self, title: &str, header: &[&str], rows: Vec<Vec<Cell>>) {
        if !rows.is_empty() {
            let header = header.iter().map(|&title| title.to_owned()).collect();
            self.blocks.push(Block::Folded { title: title.to_owned(), header, rows });
        }
    }
}

impl Difference {
    /// The titles of [`Difference::cells`].
    pub(super) fn titles(sides: Versus) -> [&'static str; 5] {
        let [one, other] = sides.titles();
        ["rule", "object", one, other, "line"]
    }

    /// What either side has, cut down to where they differ when it is long.
    pub(super) fn abridged(&self) -> [Option<Cow<'_, str>>; 2] {
        abridge::sides(self.sides.each_ref().map(Option::as_deref))
    }

    /// A row of a table. How the sides look is up to the format, as is how a cell does.
    pub(super) fn row<T>(&self, sides: [T; 2], shown: impl Fn(Cell) -> T) -> Vec<T> {
        let rule = vec![self.severity.clone(), " ".into(), self.rule.as_str().into()];
        let mut object = self.object.clone();
        object.extend(self.note.as_ref().map(|note| Span::new(format!(" — {note}"), Style::Dim)));
        let cell = |spans| Cell { spans, number: false };
        let line = self.place.as_ref().map_or("", |place| place.line.as_str());
        let line = Cell { spans: vec![Span::new(line, Style::Dim)], number: true };
        let [one, other] = sides;
        vec![shown(cell(rule)), shown(cell(object)), one, other, shown(line)]
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
    sides: Versus,
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
    let row = |finding: &&Finding| {
        let place = finding.location.as_ref().map(|at| Place {
            line: match in_file {
                Some(other) if other.file == at.file => at.line.to_string(),
                _ => format!("{}:{}", file(at), at.line),
            },
            whole: at.to_string(),
            is_in_title: place == Some(at),
        });
        difference(finding, place, sides)
    };
    Differences { title, rows: group.iter().map(row).collect() }
}

fn difference(finding: &Finding, place: Option<Place>, sides: Versus) -> Difference {
    Difference {
        severity: finding.severity.into(),
        rule: finding.rule,
        object: object_spans(finding),
        path: path_spans(finding),
        is_whole: finding.object.is_whole(),
        begins: begins(finding),
        sides: sides.in_order([&finding.expected, &finding.actual]).map(|side| in_words(finding.rule, side)),
        note: finding.note.clone(),
        place,
    }
}

/// The name with which the side begins that has a whole table or column where the other one has none.
fn begins(finding: &Finding) -> Option<String> {
    use rule::Difference::{ExtraColumn, ExtraTable, MissingColumn, MissingTable};
    let RuleCode::Audit(AuditRule::Schema(MissingTable | ExtraTable | MissingColumn | ExtraColumn)) =
        finding.rule
    else {
        return None;
    };
    let of = finding.live_object.as_ref().filter(|_| finding.actual.is_some()).unwrap_or(&finding.object);
    of.name.as_deref().map(display_name)
}

/// What a side has, as people read it. Programs, ledger and known drift have the text itself.
fn in_words(rule: RuleCode, side: &Option<String>) -> Option<String> {
    let is_nullability = rule == RuleCode::Audit(AuditRule::Schema(rule::Difference::ColumnNullability));
    match side.as_deref() {
        // Alone, the constraint looks like a value.
        Some("NULL") if is_nullability => Some("nullable".to_owned()),
        _ => side.clone(),
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

/// The object with its table, and its live name where that is another one.
fn path_spans(finding: &Finding) -> Vec<Span> {
    let (object, live) = (&finding.object, finding.live_object.as_ref());
    let mut spans = vec![Span::new(object.path(), Style::Code)];
    let live = live.filter(|live| !live.path().eq_ignore_ascii_case(&object.path()));
    let name = live.map(|live| match &live.table {
        Some(table) if live.name == object.name && !object.is_whole() => table.clone(),
        _ => live.path(),
    });
    spans.extend(name.map(|name| Span::new(format!(" ({name})"), Style::Dim)));
    spans
}

impl From<Severity> for Span {
    fn from(severity: Severity) -> Span {
        match severity {
            Severity::Error => Span::new("error", Style::Bad),
            Severity::Warning => Span::new("warning", Style::Warning),
        }
    }
}

fn message(finding: &Finding) -> Message {
    let at = finding.location.as_ref();
    Message {
        place: at.map_or(String::new(), |at| format!("{}:{}", at.line, at.column)),
        severity: finding.severity.into(),
        rule: finding.rule,
        text: finding.message.clone(),
        line: at.map_or(String::new(), |at| at.text.trim().to_owned()),
        help: finding.help.clone(),
        fix: finding.fix.clone(),
    }
}

impl Message {
    /// Messages as a table below the name of their file, for formats that have as much room as they want.
    pub(super) fn table(file: Option<&str>, rows: &[Message]) -> Vec<Block> {
        let mut document = Document::default();
        let rows = rows.iter().map(|row| {
            let text = row.help.as_ref().map_or(row.text.clone(), |help| format!("{}: {help}", row.text));
            let mut text = vec![text.into()];
            text.extend(row.fix.iter().flat_map(|fix| [" ".into(), Span::new(fix.as_str(), Style::Code)]));
            vec![
                Cell { spans: vec![Span::new(row.place.as_str(), Style::Dim)], number: true },
                row.severity.clone().into(),
                row.rule.as_str().into(),
                Cell { spans: text, number: false },
            ]
        });
        document.heading(file.unwrap_or("No location"));
        document.table(&["line", "severity", "rule", "finding"], rows.collect());
        document.blocks
    }
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
