//! Expected and actual side by side, for every width of a terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::grid;
use super::grid::{Column, Grid, Lines};
use super::wrap::wrapped;
use crate::base::escape::visible;
use crate::base::rule::{AuditRule, Difference as Rule, RuleCode};
use crate::base::words::behind_name;
use crate::report::Canvas;
use crate::report::document::{Difference, Differences, Span, Style, Versus};

/// In the wide form what one side says wraps only when it is longer.
const SIDE: usize = 32;

/// Lays out differences, in the form that takes the fewest lines. Where there is room, each is one row, and a table with
/// one difference has no line of its own. Where there is not, each is a sentence in one line, with its sides below it where
/// they do not fit. No name is broken that fits into a line at all. What stands below the title of its table is indented;
/// anything else says of itself which object of which file it is about.
pub(crate) fn lines(sides: Versus, groups: &[Differences], canvas: Canvas) -> Vec<String> {
    let sides = sides.titles();
    let both = [Titles::OfSeveral, Titles::All];
    let narrow = both.map(|titles| narrow(sides, groups, titles, canvas).lines(canvas));
    let mut shortest = narrow.into_iter().min_by_key(Vec::len).unwrap_or_default();
    // Where both take as many, it is columns.
    let mut at_most = shortest.len();
    for titles in both {
        let grid = wide(sides, groups, titles, canvas);
        // Columns take the most time to lay out, and more often than not their titles alone make them longer.
        if grid.fewest_lines() > at_most || grid.least_width() > canvas.width {
            continue;
        }
        let lines = grid.lines(canvas);
        if lines.len() <= at_most {
            at_most = lines.len().saturating_sub(1);
            shortest = lines;
        }
    }
    shortest
}

/// How much further in the further lines of a sentence stand.
const BELOW: usize = 4;
/// Stands in front of what belongs to the title above it.
const INDENT: &str = "  ";

/// Which tables have a line of their own above their differences.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Titles {
    /// Those of which there is more to say than one difference; else the object is called by its full name.
    OfSeveral,
    /// Those of which there is more to say than that they are missing, or should not be there.
    All,
}

impl Titles {
    fn has(self, told: &[(&Difference, Option<&Difference>)]) -> bool {
        let is_several = self == Titles::All || told.len() > 1;
        is_several && !told.iter().all(|(row, _)| row.is_whole)
    }
}

/// A difference where it stands.
struct Entry<'a> {
    row: &'a Difference,
    /// That it does not compile either, where it is missing, or should not be there.
    broken: Option<&'a Difference>,
    /// Whether the title of its table stands above it.
    has_title: bool,
}

impl Entry<'_> {
    fn rule(&self) -> Vec<Span> {
        let indent = self.has_title.then(|| Span::from(INDENT));
        let rule = [self.row.severity.clone(), " ".into(), self.row.rule.as_str().into()];
        let other = self.broken.map(|broken| Span::from(format!(", {}", broken.rule.as_str())));
        indent.into_iter().chain(rule).chain(other).collect()
    }

    fn note(&self) -> Option<String> {
        let broken = self.broken.and_then(|broken| broken.sides.iter().flatten().next());
        let broken = broken.map(|why| format!("does not compile: {why}"));
        let notes: Vec<String> = self.row.note.iter().cloned().chain(broken).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// What differs: below the title of its table by its own name, else by its full one.
    fn object(&self) -> Vec<Span> {
        if self.has_title { self.row.object.clone() } else { self.row.path.clone() }
    }

    /// The place, as far as the title does not name it.
    fn place(&self) -> Option<&str> {
        let place = self.row.place.as_ref()?;
        match self.has_title {
            true => (!place.is_in_title).then_some(&place.line),
            false => Some(&place.whole),
        }
    }

    /// Lines that belong to it, each with its label.
    fn below<'l>(&self, lines: impl IntoIterator<Item = (&'l str, Span)>, canvas: Canvas) -> Vec<String> {
        let indent = if self.has_title { INDENT } else { "" };
        let labelled = lines.into_iter().map(|(label, text)| (format!("{indent}{:BELOW$}{label}", ""), text));
        grid::labelled(labelled, canvas)
    }

    fn tell_note(&self, grid: &mut Grid, canvas: Canvas) {
        if let Some(note) = self.note() {
            grid.across(self.below([("note", Span::new(note, Style::Dim))], canvas));
        }
    }
}

fn wide(
    [expected, actual]: [&'static str; 2],
    groups: &[Differences],
    titles: Titles,
    canvas: Canvas,
) -> Grid {
    let mut grid = Grid::new(vec![
        Column::whole("rule"),
        Column::wrapping("object"),
        Column::keeping(expected, SIDE),
        Column::keeping(actual, SIDE),
        Column::whole("line"),
    ]);
    fill(&mut grid, groups, titles, canvas, |grid, entry| {
        let [one, other] = entry.row.abridged();
        grid.row(vec![
            vec![entry.rule()].into(),
            vec![entry.object()].into(),
            vec![vec![side(one)]].into(),
            vec![vec![side(other)]].into(),
            Lines::number(Span::new(entry.place().unwrap_or_default(), Style::Dim)),
        ]);
        entry.tell_note(grid, canvas);
    });
    grid
}

/// No columns: a line for each, and what does not fit into it below.
fn narrow(names: [&'static str; 2], groups: &[Differences], titles: Titles, canvas: Canvas) -> Grid {
    let mut grid = Grid::new(vec![Column::whole("")]);
    fill(&mut grid, groups, titles, canvas, |grid, entry| {
        let told = Told::of(entry.row);
        let place = entry.place().map(|place| {
            let word = if entry.has_title { "line " } else { "" };
            Span::new(format!("  {word}{place}"), Style::Dim)
        });
        let note = entry.note().map(|note| Span::new(format!(" — {note}"), Style::Dim));
        let mut said = entry.rule();
        said.push(" ".into());
        said.extend(entry.object());
        let sentence = |note: Option<Span>| -> Vec<Span> {
            said.iter().cloned().chain([told.inline(names).into()]).chain(note).chain(place.clone()).collect()
        };
        let width = |spans: &[Span]| spans.iter().map(|span| visible(&span.text).width()).sum::<usize>();
        let fits = |spans: &Vec<Span>| width(spans) <= canvas.width;
        if let Some(whole) = Some(sentence(note)).filter(fits) {
            grid.across(wrapped(&whole, BELOW, canvas));
            return;
        }
        if let Some(without_note) = Some(sentence(None)).filter(fits) {
            grid.across(wrapped(&without_note, BELOW, canvas));
        } else {
            said.extend(place.clone());
            grid.across(wrapped(&said, BELOW, canvas));
            grid.across(entry.below(told.labelled(names), canvas));
        }
        entry.tell_note(grid, canvas);
    });
    grid
}

/// What is told of the sides, in a form without columns.
enum Told<'a> {
    Nothing,
    /// Only one of them has something, or both have the same.
    One(usize, Cow<'a, str>),
    Same(Cow<'a, str>),
    Both([Cow<'a, str>; 2]),
}

impl<'a> Told<'a> {
    fn of(row: &'a Difference) -> Told<'a> {
        match row.abridged() {
            [Some(one), Some(_)] if row.sides[0] == row.sides[1] => Told::Same(one),
            [Some(one), Some(other)] => Told::Both([one, other]),
            [Some(one), None] => Told::one(0, one, row),
            [None, Some(other)] => Told::one(1, other, row),
            [None, None] => Told::Nothing,
        }
    }

    /// The name stands in front of it already.
    fn one(nth: usize, side: Cow<'a, str>, row: &Difference) -> Told<'a> {
        match row.begins.as_ref().and_then(|name| behind_name(&side, name)) {
            Some("") => Told::Nothing,
            Some(rest) => Told::One(nth, rest.to_owned().into()),
            None => Told::One(nth, side),
        }
    }

    /// Behind the name of what it is about. What is missing, or should not be there, needs no word for its side.
    fn inline(&self, names: [&str; 2]) -> String {
        match self {
            Told::Nothing => String::new(),
            Told::One(_, side) | Told::Same(side) => format!(": {side}"),
            Told::Both([one, other]) => format!(": {} {one}, {} {other}", names[0], names[1]),
        }
    }

    fn labelled<'n>(&self, names: [&'n str; 2]) -> Vec<(&'n str, Span)> {
        let line = |label, side: &Cow<'_, str>| (label, Span::new(side.as_ref(), Style::Plain));
        match self {
            Told::Nothing => Vec::new(),
            Told::One(nth, side) => vec![line(names[*nth], side)],
            Told::Same(side) => vec![line("both", side)],
            Told::Both(sides) => names.into_iter().zip(sides).map(|(name, side)| line(name, side)).collect(),
        }
    }
}

fn fill(
    grid: &mut Grid,
    groups: &[Differences],
    titles: Titles,
    canvas: Canvas,
    add: impl Fn(&mut Grid, &Entry<'_>),
) {
    for group in groups {
        let told = told_of(group);
        let has_title = titles.has(&told);
        if has_title {
            grid.across(wrapped(&group.title, BELOW, canvas));
        }
        told.into_iter().for_each(|(row, broken)| add(grid, &Entry { row, broken, has_title }));
    }
}

/// The differences that are told of a table, each with the one that is told along with it.
fn told_of(group: &Differences) -> Vec<(&Difference, Option<&Difference>)> {
    let is_broken =
        |row: &&Difference| matches!(schema_rule(row), Some(Rule::BrokenView | Rule::BrokenTrigger));
    let (broken, others): (Vec<_>, Vec<_>) = group.rows.iter().partition(is_broken);
    let is_told_along =
        |row: &&Difference| is_broken(row) && others.iter().any(|other| is_told_with(other, row));
    let along = |row: &Difference| broken.iter().copied().find(|broken| is_told_with(row, broken));
    group.rows.iter().filter(|row| !is_told_along(row)).map(|row| (row, along(row))).collect()
}

/// Whether the object of `row` is on one side only, and `broken` says that it does not compile there.
fn is_told_with(row: &Difference, broken: &Difference) -> bool {
    let same_kind = match (schema_rule(row), schema_rule(broken)) {
        (Some(Rule::MissingView | Rule::ExtraView), Some(rule)) => rule == Rule::BrokenView,
        (Some(Rule::MissingTrigger | Rule::ExtraTrigger), Some(rule)) => rule == Rule::BrokenTrigger,
        _ => false,
    };
    let sides = |row: &Difference| row.sides.each_ref().map(Option::is_some);
    same_kind && row.path == broken.path && sides(row) == sides(broken)
}

fn schema_rule(row: &Difference) -> Option<Rule> {
    match row.rule {
        RuleCode::Audit(AuditRule::Schema(rule)) => Some(rule),
        _ => None,
    }
}

fn side(text: Option<Cow<'_, str>>) -> Span {
    match text {
        Some(text) => Span::new(text, Style::Plain),
        None => Span::new("—", Style::Dim),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::base::finding::{Finding, Object};
    use crate::base::severity::Severity;
    use crate::base::source::SourceFile;
    use crate::report::document::{Block, Document};

    const SPEC: &str = "spec/a_folder/ddl.sql";

    fn found(rule: Rule, kind: &'static str, [table, name]: [&str; 2], sides: [Option<&str>; 2]) -> Finding {
        let object = Object { kind, table: Some(table.to_owned()), name: Some(name.to_owned()) };
        let [expected, actual] = sides.map(|side| side.map(str::to_owned));
        let new = Finding::new(AuditRule::Schema(rule), Severity::Error, object, String::new());
        Finding { expected, actual, ..new }
    }

    /// The lines of findings, as many tables apart as `width` columns take.
    fn shown(findings: &[Finding], titled: &[(&str, usize)], width: usize) -> Vec<String> {
        let spec = SourceFile::new(SPEC, "x\n".repeat(100));
        let at = |&(table, line): &(&str, usize)| (table.to_owned(), spec.location(2 * line));
        let tables: BTreeMap<_, _> = titled.iter().map(at).collect();
        let mut document = Document::default();
        document.findings_of(findings, &tables, Versus::SpecAndDatabase);
        let Some(Block::Differences { sides, groups }) = document.blocks.first() else { return Vec::new() };
        lines(*sides, groups, Canvas { width, color: false, whole: false, wraps: false })
    }

    #[test]
    fn a_name_is_told_once_and_a_text_that_only_begins_like_one_stays_whole() {
        for (finding, line) in [
            (
                found(Rule::MissingColumn, "column", ["t", "a"], [Some("a TEXT"), None]),
                "error missing-column t.a: TEXT",
            ),
            (found(Rule::ExtraColumn, "column", ["t", "a"], [None, Some("a")]), "error extra-column t.a"),
            (
                found(Rule::ExtraTable, "table", ["a b", "a b"], [None, Some("\"a b\" (c)")]),
                "error extra-table a b: (c)",
            ),
            (
                found(Rule::MissingCheck, "check", ["t", "a"], [Some("a > 0"), None]),
                "error missing-check t.a: a > 0",
            ),
            (
                found(Rule::MissingTable, "table", ["t", "t"], [Some("t (a)"), Some("a view")]),
                "error missing-table t: spec t (a), database a view",
            ),
            (
                found(Rule::ColumnNullability, "column", ["t", "a"], [Some("NOT NULL"), Some("NULL")]),
                "error column-nullability t.a: spec NOT NULL, database nullable",
            ),
            (
                found(Rule::ColumnDefault, "column", ["t", "a"], [Some("NULL"), Some("1")]),
                "error column-default t.a: spec NULL, database 1",
            ),
            (
                found(Rule::BrokenView, "view", ["v", "v"], [Some("no such column: c"); 2]),
                "error broken-view v: no such column: c",
            ),
        ] {
            assert_eq!(shown(&[finding], &[], 100), [line]);
        }
    }

    #[test]
    fn what_is_on_one_side_and_does_not_compile_there_is_told_once() {
        let body = Some("SELECT b FROM t");
        let why = Some("no such column: b");
        let missing = found(Rule::MissingView, "view", ["v", "v"], [body, None]);
        let extra = found(Rule::ExtraView, "view", ["v", "v"], [None, body]);
        let broken = |sides| found(Rule::BrokenView, "view", ["v", "v"], sides);
        let told = |one: &Finding, other: Finding| shown(&[one.clone(), other], &[], 100);
        let of = |rule: &str| {
            vec![format!(
                "error {rule}, broken-view v: SELECT b FROM t — does not compile: no such column: b"
            )]
        };
        assert_eq!(told(&missing, broken([why, None])), of("missing-view"));
        assert_eq!(told(&extra, broken([None, why])), of("extra-view"));
        assert_eq!(told(&missing, broken([why, why])).len(), 2, "it is something else");
        let trigger = |rule, sides| found(rule, "trigger", ["t", "r"], sides);
        let twin = trigger(Rule::BrokenTrigger, [why, None]);
        assert_eq!(told(&trigger(Rule::MissingTrigger, [body, None]), twin.clone()).len(), 1);
        let other = found(Rule::MissingTrigger, "trigger", ["t", "s"], [body, None]);
        assert_eq!(told(&other, twin).len(), 3, "another one, with a title above both");
    }

    #[test]
    fn the_place_that_a_title_names_is_not_told_again() {
        let spec = SourceFile::new(SPEC, "x\n".repeat(100));
        let at = |line: usize, finding| Finding { location: Some(spec.location(2 * line)), ..finding };
        let missing = found(Rule::MissingColumn, "column", ["t", "a"], [Some("a TEXT"), None]);
        let extra = found(Rule::ExtraColumn, "column", ["t", "b"], [None, Some("b TEXT")]);
        let findings = [at(6, missing), at(4, Finding { note: Some("so it seems".to_owned()), ..extra })];
        assert_eq!(
            shown(&findings, &[("t", 4)], 60),
            [
                "t  spec/a_folder/ddl.sql:5",
                "  error missing-column a: TEXT  line 7",
                "  error extra-column b: TEXT — so it seems",
            ]
        );
        let lone = shown(&findings[1..], &[("t", 4)], 60);
        assert_eq!(
            lone,
            ["error extra-column t.b: TEXT  spec/a_folder/ddl.sql:5:1", "    note  so it seems"]
        );
    }

    proptest! {
        /// Laws: whatever stands at the margin says of itself which object of which place it is about, unless it is a title;
        /// whatever is indented belongs to the title above it; nothing is left out.
        #[test]
        fn each_difference_is_found_by_what_stands_at_it(
            of_tables in proptest::collection::vec(1_usize..4, 1..6),
            whole in proptest::collection::vec(any::<bool>(), 6),
            side in "[a-z]{1,12}( [a-z]{1,12}){0,8}",
            width in 40_usize..160,
        ) {
            let spec = SourceFile::new(SPEC, "x\n".repeat(100));
            let names: Vec<String> = (0..of_tables.len()).map(|n| format!("table{n}")).collect();
            let mut findings = Vec::new();
            for (n, (name, count)) in names.iter().zip(&of_tables).enumerate() {
                if whole[n] {
                    findings.push(found(Rule::ViewDefinition, "view", [name, name], [Some(&side); 2]));
                }
                for m in 0..*count {
                    let sides = [Some(side.as_str()), Some("other")];
                    findings.push(found(Rule::ColumnType, "column", [name, &format!("column{m}")], sides));
                }
            }
            for (n, finding) in findings.iter_mut().enumerate() {
                finding.location = Some(spec.location(2 * (n + 1)));
            }
            let tables: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 90)).collect();
            let mut left: Vec<(String, String, usize)> = findings
                .iter()
                .zip(2..)
                .map(|(finding, line)| (finding.object.table.clone().unwrap(), finding.object.path(), line))
                .collect();
            let mut title = None;
            // A sentence that is wrapped goes on where it hangs.
            let text = shown(&findings, &tables, width).join("\n");
            let text = text.replace("\n      ", " ").replace("\n    ", " ");
            for line in text.lines().filter(|line| !line.starts_with(['─', 'r'])) {
                if let Some(table) = names.iter().find(|name| line.starts_with(&format!("{name}  {SPEC}:91"))) {
                    title = Some(table.clone());
                    continue;
                }
                let (table, path, number) = left.remove(0);
                let words: Vec<&str> = line.split_whitespace().collect();
                let has = |word: &str| words.iter().any(|other| other.trim_end_matches(':') == word);
                if line.starts_with("  ") {
                    prop_assert_eq!(title.as_ref(), Some(&table), "{}", text);
                    prop_assert!(has(&number.to_string()), "{line}\n{text}");
                } else {
                    title = None;
                    prop_assert!(has(&path) && has(&format!("{SPEC}:{number}:1")), "{line}\n{text}");
                }
            }
            prop_assert!(left.is_empty(), "{text}");
        }
    }
}
