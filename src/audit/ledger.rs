//! The ledger of differences that are meant: `deviations.toml`.
//!
//! A rename pairs an object of the spec with its live name. A deviation excuses exactly the difference that it states:
//! when the difference becomes another one, it is drift again. A fill says which value the rows that are there get in a
//! column that needs one; it excuses nothing.

use serde::Deserialize;
use time::{Date, Month};
use toml::Spanned;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::base::rule::{AuditRule, RuleCode};
use crate::base::source::{Location, SourceFile};
use crate::base::toml_error;
use crate::schema::{Ident, Schema};
use crate::sql::{not_an_expression, one_line};

/// A ledger that was read and found sound.
#[derive(Clone, Default, Debug)]
pub struct Ledger {
    /// In the order of the file.
    pub renames: Vec<Rename>,
    /// In the order of the file.
    pub deviations: Vec<Deviation>,
    /// In the order of the file.
    pub fills: Vec<Fill>,
}

/// An object that has another name in the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rename {
    /// The table, by the spec's name.
    pub table: Ident,
    /// The column, by the spec's name; `None` when the table itself is renamed.
    pub column: Option<Ident>,
    /// The name in the database.
    pub live: Ident,
    /// Why.
    pub reason: String,
    /// Where to read more.
    pub link: Option<String>,
    /// Where the entry stands.
    pub location: Location,
}

/// A difference that is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deviation {
    /// The rule that reports it.
    pub rule: AuditRule,
    /// The table, by the spec's name.
    pub table: Option<Ident>,
    /// The object, by the spec's name.
    pub name: Option<String>,
    /// What the spec says.
    pub expected: Option<String>,
    /// What the database has.
    pub actual: Option<String>,
    /// Why.
    pub reason: String,
    /// Where to read more.
    pub link: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Where the entry stands.
    pub location: Location,
}

/// The value of a column in rows that a generated migration finds there. It is asked for only while the column needs one,
/// and says afterwards where the values came from: an entry that is not asked for any more is not stale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fill {
    /// The table, by the spec's name.
    pub table: Ident,
    /// The column, by the spec's name.
    pub column: Ident,
    /// An SQL expression over the old row.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Where to read more.
    pub link: Option<String>,
    /// Where the entry stands.
    pub location: Location,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rename: Vec<Spanned<RenameEntry>>,
    #[serde(default)]
    deviation: Vec<Spanned<DeviationEntry>>,
    #[serde(default)]
    fill: Vec<Spanned<FillEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FillEntry {
    table: String,
    column: String,
    value: Spanned<String>,
    reason: Option<String>,
    link: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenameEntry {
    table: String,
    column: Option<String>,
    live: String,
    reason: Option<String>,
    link: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviationEntry {
    rule: Spanned<String>,
    table: Option<String>,
    name: Option<String>,
    expected: Option<String>,
    actual: Option<String>,
    reason: Option<String>,
    link: Option<String>,
    expires: Option<Spanned<toml::value::Datetime>>,
}

impl Ledger {
    /// Reads a ledger.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the line: TOML that can't be read, an unknown key or rule, a missing or empty
    /// reason, an entry that is there twice.
    pub fn parse(source: &SourceFile) -> Result<Ledger> {
        let file: File =
            toml::from_str(source.text()).map_err(|error| toml_error::refused(source, 0, &error))?;
        let mut ledger = Ledger::default();
        for entry in file.rename {
            let location = source.location(entry.span().start);
            let entry = entry.into_inner();
            let rename = Rename {
                table: entry.table.into(),
                column: entry.column.map(Ident::from),
                live: entry.live.into(),
                reason: reason(entry.reason, &location, IS_MEANT)?,
                link: entry.link,
                location,
            };
            let known = ledger.renames.iter().find(|r| r.table == rename.table && r.column == rename.column);
            once(known.map(|known| &known.location), &rename.location)?;
            ledger.renames.push(rename);
        }
        for entry in file.deviation {
            let location = source.location(entry.span().start);
            let deviation = deviation(entry.into_inner(), source, location)?;
            let known = ledger.deviations.iter().find(|known| known.states_the_same(&deviation));
            once(known.map(|known| &known.location), &deviation.location)?;
            ledger.deviations.push(deviation);
        }
        for entry in file.fill {
            let location = source.location(entry.span().start);
            let entry = entry.into_inner();
            let at_value = source.location(entry.value.span().start);
            let fill = Fill {
                table: entry.table.into(),
                column: entry.column.into(),
                value: entry.value.into_inner().trim().to_owned(),
                reason: reason(entry.reason, &location, "say in `reason` why rows get this value")?,
                link: entry.link,
                location,
            };
            let known = ledger.fills.iter().find(|f| f.table == fill.table && f.column == fill.column);
            once(known.map(|known| &known.location), &fill.location)?;
            if let Some(wrong) = not_an_expression(&fill.value) {
                return Err(Error::new(ErrorKind::Config, format!("the value {wrong}"))
                    .at(at_value)
                    .help(EXPRESSION));
            }
            ledger.fills.push(fill);
        }
        Ok(ledger)
    }

    /// Checks that what the entries name exists in the spec.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the entry's line and the nearest name that the spec has.
    pub fn check_names(&self, spec: &Schema) -> Result<()> {
        let renames = self.renames.iter().map(|r| (&r.table, r.column.as_ref(), &r.location));
        let fills = self.fills.iter().map(|f| (&f.table, Some(&f.column), &f.location));
        for (table, column, location) in renames.chain(fills) {
            let Some(known) = spec.tables.get(table) else {
                let names = spec.tables.keys().map(Ident::as_str);
                return Err(unknown("the spec has no table", table.as_str(), names, location));
            };
            let Some(column) = column else { continue };
            if known.column(column).is_none() {
                let names = known.columns.iter().map(|column| column.name.as_str());
                let what = format!("the spec's table {} has no column", known.name);
                return Err(unknown(&what, column.as_str(), names, location));
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// The renames that the database has: those of which `applied` says so.
    pub(super) fn renames_applied<'l>(
        &'l self,
        applied: &'l [bool],
    ) -> impl Iterator<Item = &'l Rename> + Clone {
        self.renames.iter().zip(applied).filter_map(|(rename, applied)| applied.then_some(rename))
    }

    /// Whether the database has the object of a rename under its live name, or not at all. Where it has it under the
    /// spec's name, the rename is stale.
    pub fn applies(&self, rename: &Rename, live: &Schema) -> bool {
        let Some(column) = &rename.column else {
            return live.tables.contains_key(&rename.live) || !live.tables.contains_key(&rename.table);
        };
        let of_table = self.renames.iter().find(|r| r.column.is_none() && r.table == rename.table);
        let live_name = of_table.filter(|r| self.applies(r, live)).map_or(&rename.table, |r| &r.live);
        let Some(table) = live.tables.get(live_name) else { return true };
        table.column(&rename.live).is_some() || table.column(column).is_none()
    }
}

/// The rule of the audit that a file names.
pub(super) fn rule(code: &Spanned<String>, source: &SourceFile) -> Result<AuditRule> {
    RuleCode::parse(code.get_ref()).and_then(RuleCode::of_audit).ok_or_else(|| {
        let codes = AuditRule::all().map(AuditRule::as_str);
        unknown("there is no rule", code.get_ref(), codes, &source.location(code.span().start))
    })
}

fn deviation(entry: DeviationEntry, source: &SourceFile, location: Location) -> Result<Deviation> {
    let rule = rule(&entry.rule, source)?;
    let expires = match entry.expires {
        None => None,
        Some(value) => {
            let at = source.location(value.span().start);
            Some(date(value.get_ref()).ok_or_else(|| {
                Error::new(ErrorKind::Config, "`expires` is not a date")
                    .at(at)
                    .help("write expires = 2027-06-30")
            })?)
        }
    };
    Ok(Deviation {
        rule,
        table: entry.table.map(Ident::from),
        name: entry.name,
        expected: entry.expected,
        actual: entry.actual,
        reason: reason(entry.reason, &location, IS_MEANT)?,
        link: entry.link,
        expires,
        location,
    })
}

fn date(value: &toml::value::Datetime) -> Option<Date> {
    let date = value.date?;
    let month = Month::try_from(date.month).ok()?;
    Date::from_calendar_date(i32::from(date.year), month, date.day).ok()
}

/// What the value of a fill is.
const EXPRESSION: &str = "write one SQL expression; a text has quotes of its own: value = \"'nobody'\"";

/// What the reason of a rename or a deviation is for.
const IS_MEANT: &str = "say in `reason` why the difference is intended; without one it is drift";

fn reason(reason: Option<String>, location: &Location, help: &str) -> Result<String> {
    match reason.map(|reason| reason.trim().to_owned()) {
        Some(reason) if !reason.is_empty() => Ok(reason),
        found => {
            let what = if found.is_some() { "an empty reason" } else { "no reason" };
            Err(Error::new(ErrorKind::Config, format!("the entry has {what}"))
                .at(location.clone())
                .help(help))
        }
    }
}

/// An error where there is an entry for the same already.
fn once(known: Option<&Location>, location: &Location) -> Result<()> {
    let Some(known) = known else { return Ok(()) };
    let message = format!("the entry occurs twice; the first is on line {}", known.line);
    Err(Error::new(ErrorKind::Config, message).at(location.clone()).help("keep one of the two"))
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>, location: &Location) -> Error {
    Error::new(ErrorKind::Config, format!("{what} `{name}`"))
        .at(location.clone())
        .help(did_you_mean(name, known))
}

impl Deviation {
    /// Whether this entry states that difference. Line breaks and comments inside `expected` and `actual` make no
    /// difference; about rows, which come and go, an entry need not state them.
    pub fn excuses(
        &self,
        rule: impl Into<RuleCode>,
        table: Option<&Ident>,
        name: Option<&str>,
        sides: [Option<&str>; 2],
    ) -> bool {
        let same = |stated: &Option<String>, found: Option<&str>| match (stated, found) {
            (None, None) => true,
            (None, Some(_)) => self.rule.is_about_rows(),
            (Some(stated), Some(found)) => stated == found || one_line(stated) == one_line(found),
            _ => false,
        };
        let same_name = match (&self.name, name) {
            (Some(stated), Some(found)) => stated.eq_ignore_ascii_case(found),
            // What has no name but its table's needs none in the entry.
            (None, found) => found.is_none_or(|found| table.is_some_and(|table| *table == *found)),
            (Some(stated), None) => table.is_some_and(|table| *table == **stated),
        };
        rule.into() == RuleCode::Audit(self.rule)
            && self.table.as_ref() == table
            && same_name
            && same(&self.expected, sides[0])
            && same(&self.actual, sides[1])
    }

    fn states_the_same(&self, other: &Deviation) -> bool {
        let sides = |entry: &Deviation| (entry.expected.is_some(), entry.actual.is_some());
        sides(self) == sides(other)
            && self.excuses(
                other.rule,
                other.table.as_ref(),
                other.name.as_deref(),
                [other.expected.as_deref(), other.actual.as_deref()],
            )
    }
}

/// Reads the ledger; without one, nothing is documented.
///
/// # Errors
/// As [`SourceFile::read`] and [`Ledger::parse`].
#[cfg(feature = "cli")]
pub fn read_ledger(path: Option<&std::path::Path>) -> Result<Ledger> {
    match path {
        Some(path) => Ledger::parse(&SourceFile::read(path)?),
        None => Ok(Ledger::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Ledger> {
        Ledger::parse(&SourceFile::new("deviations.toml", text))
    }

    fn refused(text: &str) -> (String, usize) {
        let error = parse(text).unwrap_err();
        let line = error.location().unwrap().line;
        (format!("{} | {}", error.message(), error.help_text().unwrap_or("")), line)
    }

    const ENTRY: &str = "[[deviation]]\nrule = \"column-default\"\ntable = \"plans\"\nname = \"phase\"\n\
        expected = \"'strategize'\"\nactual = \"'action'\"\nreason = \"meant\"\nexpires = 2027-06-30\n";

    #[test]
    fn an_entry_excuses_what_it_states_and_nothing_else() {
        let ledger = parse(ENTRY).unwrap();
        let entry = &ledger.deviations[0];
        assert_eq!(entry.expires, Date::from_calendar_date(2027, Month::June, 30).ok());
        let (rule, plans) = (entry.rule, Ident::from("Plans"));
        let excuses =
            |name, expected, actual| entry.excuses(rule, Some(&plans), Some(name), [expected, actual]);
        assert!(excuses("phase", Some("'strategize'"), Some("'action'")));
        assert!(!excuses("phase", Some("'strategize'"), Some("'Action'")));
        assert!(!excuses("phase", Some("'strategize'"), None));
        assert!(!excuses("state", Some("'strategize'"), Some("'action'")));
    }

    #[test]
    fn what_is_wrong_with_an_entry_is_said_with_its_line() {
        let (message, line) = refused("[[deviation]]\nrule = \"column-defalt\"\nreason = \"x\"");
        assert_eq!(
            (message.as_str(), line),
            ("there is no rule `column-defalt` | did you mean `column-default`?", 2)
        );
        assert!(refused("[[deviation]]\nrule = \"pragma\"\nreason = \"  \"").0.contains("empty reason"));
        assert!(refused("[[rename]]\ntable = \"a\"\nlive = \"b\"").0.contains("no reason"));
        assert_eq!(refused("\n[[deviation]]\nrule = \"pragma\"\nreson = \"x\"").1, 4);
        let fill = "[[fill]]\ntable = \"t\"\ncolumn = \"a\"\nvalue = \"1\"\n";
        assert!(refused(fill).0.contains("no reason"));
        let fill = format!("{fill}reason = \"x\"\n");
        assert_eq!(refused(&format!("{fill}{fill}")).1, 6);
        assert_eq!(refused(&fill.replace('1', "1, 2")).1, 4);
        assert_eq!(refused(&fill.replace('1', " ")), ("the value is empty | ".to_owned() + EXPRESSION, 4));
        assert_eq!(parse(&fill).unwrap().fills[0].value, "1");
        assert_eq!(refused("a = [").1, 1);
        let (message, line) = refused(&format!("{ENTRY}\n{ENTRY}"));
        assert!(message.contains("twice") && message.contains("line 1") && line == 10, "{message} {line}");
        let expires = ENTRY.replace("2027-06-30", "10:00:00");
        assert!(refused(&expires).0.contains("not a date"));
    }
}
