//! A test file's text taken apart: sections, statements, expectations, each at its place.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::{did_you_mean, slip};
use crate::base::source::SourceFile;
use crate::base::words::words;
use crate::ddl;
use crate::sql::{Kind, Statement, statements, tokens_and_comments};

use super::super::Version;
use super::{Check, Expectation, ExpectedRow, TestFile, TestStatement};

const DIRECTIVES: [&str; 2] = ["expect", "expect error"];

/// Words that other tools use for sections. Alone on a comment line, one of them was meant as one.
const LOOK_LIKE_SECTIONS: [&str; 10] =
    ["when", "before", "after", "setup", "expected", "up", "down", "before up", "after up", "before down"];

words! {
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
    enum Section, ALL {
        Given = "given",
        Then = "then",
        AfterDown = "after down",
    }
}

/// What a comment line says.
enum Said {
    Section(Section),
    Expect(Expected),
    Nothing,
}

/// One line of expectation.
enum Expected {
    Row(ExpectedRow),
    Count(u64),
    Error(String),
}

/// Reads a test file.
///
/// # Errors
/// `Migration`, at its place, for what cannot be understood.
pub(super) fn parse(file: SourceFile, version: Version) -> Result<TestFile> {
    let mut parser =
        Parser { file: &file, section: None, expect: None, given: Vec::new(), then: None, after: None };
    let text = file.text();
    let statements = statements(text);
    let mut next = statements.iter().peekable();
    for comment in tokens_and_comments(text).filter(|token| token.kind == Kind::Comment) {
        let mut inside = None;
        while let Some(statement) = next.peek().filter(|statement| statement.start < comment.start) {
            if comment.start < statement.end() {
                inside = Some(**statement);
                break;
            }
            parser.statement(statement)?;
            next.next();
        }
        let Some(body) = comment.text.strip_prefix("--") else { continue };
        parser.comment(body.trim(), comment.start, inside)?;
    }
    for statement in next {
        parser.statement(statement)?;
    }
    let (given, then, after_down) = parser.finish()?;
    Ok(TestFile { version, given, then, after_down, file })
}

struct Parser<'a> {
    file: &'a SourceFile,
    section: Option<Section>,
    /// What the next statement must come to, and where the first line of that stands.
    expect: Option<(Expectation, usize)>,
    given: Vec<TestStatement>,
    then: Option<Vec<Check>>,
    after: Option<Vec<Check>>,
}

impl Parser<'_> {
    fn wrong(&self, at: usize, message: impl Into<String>, help: impl Into<String>) -> Error {
        Error::new(ErrorKind::Migration, message).at(self.file.location(at)).help(help)
    }

    fn comment(&mut self, body: &str, at: usize, inside: Option<Statement<'_>>) -> Result<()> {
        if inside.is_some_and(|inside| ddl::kind(inside.text) == Some(ddl::Kind::Trigger)) {
            return Ok(());
        }
        let said = self.said(body, at)?;
        if matches!(said, Said::Nothing) {
            return Ok(());
        }
        if inside.is_some() {
            let help = "is the semicolon missing that ends the statement before it?";
            return Err(self.wrong(at, format!("`-- {body}` is in the middle of a statement"), help));
        }
        if !self.file.begins_line(at) {
            let help = "it applies to the statement below it: give it a line of its own, above";
            return Err(self.wrong(at, format!("`-- {body}` follows something else on its line"), help));
        }
        match said {
            Said::Section(section) => self.begin(section, at),
            Said::Expect(expected) => self.expect(expected, at),
            Said::Nothing => Ok(()),
        }
    }

    fn said(&self, body: &str, at: usize) -> Result<Said> {
        let lower = body.to_ascii_lowercase();
        if let Some(section) = Section::ALL.into_iter().find(|section| section.as_str() == lower) {
            return Ok(Said::Section(section));
        }
        let sections = Section::ALL.map(Section::as_str);
        let unknown = |what: &str, word: &str, known: &[&'static str]| {
            let help = did_you_mean(word, known.iter().copied());
            Err(self.wrong(at, format!("`{word}` is not a {what} of a migration test"), help))
        };
        if let Some((head, value)) = body.split_once(':') {
            let head = head.trim();
            let value = value.trim();
            return match head.to_ascii_lowercase().as_str() {
                "expect" => self.expected(value, at).map(Said::Expect),
                "expect error" if value.is_empty() => {
                    let help =
                        "write a part of SQLite's message after it, such as `NOT NULL` or `no such table`";
                    Err(self.wrong(at, "`-- expect error:` does not say which", help))
                }
                "expect error" => Ok(Said::Expect(Expected::Error(value.to_owned()))),
                other if slip(other, DIRECTIVES).is_some() => unknown("directive", head, &DIRECTIVES),
                _ => Ok(Said::Nothing),
            };
        }
        let mut words = body.split_whitespace();
        if matches!(words.next(), Some("expect" | "expects")) {
            let help = "write `-- expect: …` or `-- expect error: …`";
            return Err(self.wrong(at, format!("`-- {body}` has no colon"), help));
        }
        let short = words.count() <= 1;
        if short && (slip(&lower, sections).is_some() || LOOK_LIKE_SECTIONS.contains(&lower.as_str())) {
            return unknown("section", body, &sections);
        }
        Ok(Said::Nothing)
    }

    fn expected(&self, value: &str, at: usize) -> Result<Expected> {
        if value.is_empty() {
            let help = "write `0 rows` for no row at all, and '' for an empty text";
            return Err(self.wrong(at, "`-- expect:` does not say what", help));
        }
        let count = value.strip_suffix("rows").or_else(|| value.strip_suffix("row"));
        match count.map(str::trim_end).and_then(|count| count.parse().ok()) {
            Some(count) => Ok(Expected::Count(count)),
            None => Ok(Expected::Row(ExpectedRow::parse(value))),
        }
    }

    fn begin(&mut self, section: Section, at: usize) -> Result<()> {
        self.nothing_left_open()?;
        if let Some(current) = self.section
            && section <= current
        {
            let message = if section == current {
                format!("`-- {}` occurs a second time", section.as_str())
            } else {
                format!("`-- {}` comes after `-- {}`", section.as_str(), current.as_str())
            };
            let help = "a test has each section at most once, in the order given, then, after down";
            return Err(self.wrong(at, message, help));
        }
        self.section = Some(section);
        match section {
            Section::Given => {}
            Section::Then => self.then = Some(Vec::new()),
            Section::AfterDown => self.after = Some(Vec::new()),
        }
        Ok(())
    }

    fn expect(&mut self, expected: Expected, at: usize) -> Result<()> {
        if !matches!(self.section, Some(Section::Then | Section::AfterDown)) {
            let help = "rows are given first; `-- then` begins what is expected after the up";
            return Err(self.wrong(at, "an expectation comes before `-- then`", help));
        }
        self.expect = Some(match (self.expect.take(), expected) {
            (None, Expected::Row(row)) => (Expectation::Rows(vec![row]), at),
            (None, Expected::Count(count)) => (Expectation::Count(count), at),
            (None, Expected::Error(text)) => (Expectation::Error(text), at),
            (Some((Expectation::Rows(mut rows), first)), Expected::Row(row)) => {
                rows.push(row);
                (Expectation::Rows(rows), first)
            }
            _ => {
                let help = "list the rows, or state their number, or an error; a text like `3 rows` is written '3 rows'";
                return Err(self.wrong(at, "this conflicts with the expectation above it", help));
            }
        });
        Ok(())
    }

    fn statement(&mut self, statement: &Statement<'_>) -> Result<()> {
        let at = statement.start;
        let found = TestStatement { sql: statement.text.to_owned(), start: at };
        let checks = match self.section {
            None => {
                let help = "begin with `-- given` (rows at the version before) or `-- then`";
                return Err(self.wrong(at, "a statement comes before the first section", help));
            }
            Some(Section::Given) => {
                self.given.push(found);
                return Ok(());
            }
            Some(Section::Then) => &mut self.then,
            Some(Section::AfterDown) => &mut self.after,
        };
        let Some((expect, _)) = self.expect.take() else {
            let help = "put `-- expect: …` above it: rows, their number (a write gives `0 rows`), or `-- expect error: …`";
            return Err(self.wrong(at, "a statement has no expectation", help));
        };
        checks.get_or_insert_default().push(Check { statement: found, expect });
        Ok(())
    }

    fn nothing_left_open(&self) -> Result<()> {
        match &self.expect {
            Some((_, at)) => {
                let help = "the statement that it applies to must follow it";
                Err(self.wrong(*at, "an expectation has no statement", help))
            }
            None => Ok(()),
        }
    }

    #[expect(clippy::type_complexity, reason = "the three sections, on their way into a TestFile")]
    fn finish(self) -> Result<(Vec<TestStatement>, Vec<Check>, Option<Vec<Check>>)> {
        self.nothing_left_open()?;
        let checks = self.then.iter().chain(&self.after).map(Vec::len).sum::<usize>();
        if checks == 0 {
            let help = "write queries and what they must return under `-- then` or `-- after down`";
            return Err(self.wrong(0, "the test expects nothing", help));
        }
        Ok((self.given, self.then.unwrap_or_default(), self.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TestFile> {
        parse(SourceFile::new("V1__a.test.sql", text), 1)
    }

    fn refused(text: &str) -> (String, String) {
        let error = read(text).unwrap_err();
        (error.to_string(), error.help_text().unwrap_or_default().to_owned())
    }

    #[test]
    fn sections_statements_and_expectations_are_told_apart_from_prose() {
        let test = read(
            "\u{feff}-- A test.\n-- GIVEN\n-- note: rows\nA; B;\r\n-- then\r\n-- expect: 1 | a\r\n-- expect: 2 | b\r\n\
             -- the roots:\nSELECT 1;\n-- expect error: not null\nC;\n-- after down\n-- expect: 12 rows\nD",
        )
        .unwrap();
        assert_eq!(test.given.iter().map(|s| s.sql.as_str()).collect::<Vec<_>>(), ["A;", "B;"]);
        let Expectation::Rows(rows) = &test.then[0].expect else { panic!() };
        assert_eq!(rows.iter().map(ExpectedRow::text).collect::<Vec<_>>(), ["1 | a", "2 | b"]);
        assert_eq!(test.then[1].expect, Expectation::Error("not null".to_owned()));
        assert_eq!(test.after_down.as_ref().unwrap()[0].expect, Expectation::Count(12));
        assert_eq!(test.place(&test.then[0].statement, 0).line, 9);
    }

    #[test]
    fn a_slip_is_an_error_with_its_place_and_the_nearest_word() {
        for (text, message, help) in [
            (
                "-- then\n-- expext: 1\nA;",
                "2:1: `expext` is not a directive of a migration test",
                "did you mean `expect`?",
            ),
            ("-- then\n-- expect 3 rows\nA;", "2:1: `-- expect 3 rows` has no colon", "write `-- expect: …`"),
            ("-- givn\nA;", "1:1: `givn` is not a section of a migration test", "did you mean `given`?"),
            (
                "-- then\n-- expect: 1\nA;\n-- after up\n",
                "4:1: `after up` is not a section",
                "known: `given`, `then`, `after down`",
            ),
            ("-- then\n\nSELECT 1;", "3:1: a statement has no expectation", "put `-- expect: …` above it"),
            ("A;\n-- then", "1:1: a statement comes before the first section", "begin with `-- given`"),
            (
                "-- then\n-- expect: 1\n-- after down\n",
                "2:1: an expectation has no statement",
                "the statement",
            ),
            (
                "-- given\n-- expect: 1\nA;",
                "2:1: an expectation comes before `-- then`",
                "rows are given first",
            ),
            ("-- then\n-- expect: 1\n-- expect: 2 rows\nA;", "3:1: this conflicts", "list the rows"),
            (
                "-- then\n-- expect: 1\nA\n-- expect: 2\nB;",
                "4:1: `-- expect: 2` is in the middle",
                "is the semicolon",
            ),
            ("-- then\n-- expect: 1\nA; -- expect: 2\nB;", "3:4: `-- expect: 2` follows", "it applies to"),
            ("-- then\n-- expect:\nA;", "2:1: `-- expect:` does not say what", "write `0 rows`"),
            ("-- then\n-- expect error:\nA;", "2:1: `-- expect error:` does not say which", "write a part"),
            (
                "-- after down\n-- expect: 1\nA;\n-- then\n",
                "4:1: `-- then` comes after `-- after down`",
                "each section",
            ),
            ("-- given\nA;\n-- then\n", "1:1: the test expects nothing", "write queries"),
        ] {
            let (said, advice) = refused(text);
            assert!(said.starts_with(&format!("V1__a.test.sql:{message}")), "{text:?}: {said}");
            assert!(advice.contains(help), "{text:?}: {advice}");
        }
    }

    #[test]
    fn comments_inside_a_trigger_are_its_own() {
        let test = read(
            "-- then\n-- expect: 0 rows\nCREATE TRIGGER r AFTER INSERT ON t BEGIN\n-- expect: 1\nSELECT 1;\nEND;",
        );
        assert_eq!(test.unwrap().then.len(), 1);
    }
}
