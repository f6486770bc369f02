//! A migration's script taken apart: statements and directives, each at its place.

use std::ops::Range;
use std::sync::OnceLock;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;
use crate::ddl;
use crate::sql::{self, Kind, Statement, is_select, statements, tokens_and_comments};

use super::Step;
use super::directive::{self, Directive, DirectiveKind};
use crate::base::directive::{Spoken, may_hold_one, near_miss, spoken};

/// A script that was read once: its statements, its directives, and the directives that are wrong.
#[derive(Debug)]
pub struct Script<'a> {
    /// The file that it came from.
    pub file: &'a SourceFile,
    /// In order.
    pub statements: Vec<Statement<'a>>,
    directives: Vec<Directive>,
    errors: Vec<Error>,
}

/// Where the statements of a script are, and its directives, where none is wrong.
#[derive(Default)]
struct Parts(OnceLock<(Vec<Range<usize>>, Vec<Directive>)>);

/// Of how many statements the places are kept. Scripts with more hold rows, and take far longer to run than to read.
const FEW: usize = 10_000;

impl<'a> Script<'a> {
    /// Takes a script apart. Wrong directives are kept for [`Script::into_steps`].
    pub fn read(file: &'a SourceFile) -> Script<'a> {
        let known = file.known::<Parts>();
        if let Some((places, directives)) = known.0.get() {
            let statement = |place: &Range<usize>| {
                Some(Statement { text: file.text().get(place.clone())?, start: place.start })
            };
            let statements = places.iter().filter_map(statement).collect();
            return Script { file, statements, directives: directives.clone(), errors: Vec::new() };
        }
        let script = Script::take_apart(file);
        if script.errors.is_empty() && script.statements.len() <= FEW {
            let places = script.statements.iter().map(|statement| statement.start..statement.end());
            known.0.get_or_init(|| (places.collect(), script.directives.clone()));
        }
        script
    }

    /// Whether something may go with a table or a view that one of its statements drops.
    pub fn drops_table_or_view(&self) -> bool {
        let drops = |statement: &Statement<'_>| {
            let mut words = sql::tokens(statement.text);
            let (first, second) = (words.next(), words.next());
            first.is_some_and(|word| word.is_word("DROP"))
                && second.is_some_and(|word| word.is_word("TABLE") || word.is_word("VIEW"))
        };
        self.statements.iter().any(drops)
    }

    fn take_apart(file: &'a SourceFile) -> Script<'a> {
        let text = file.text();
        let mut script =
            Script { file, statements: statements(text), directives: Vec::new(), errors: Vec::new() };
        if !may_hold_one(text) {
            return script;
        }
        for comment in tokens_and_comments(text).filter(|token| token.kind == Kind::Comment) {
            let spoken = spoken(comment.text);
            if spoken == Spoken::Prose {
                continue;
            }
            match script.directive(comment.start, &spoken) {
                Ok(Some(directive)) => script.directives.push(directive),
                Ok(None) => {}
                Err(error) => script.errors.push(error),
            }
        }
        let unfounded: Vec<Error> = script.unfounded_assertions().collect();
        script.errors.extend(unfounded);
        script
    }

    /// What is wrong with the assertions that are not before a query of their own.
    fn unfounded_assertions(&self) -> impl Iterator<Item = Error> {
        let is_step =
            |d: &&Directive| matches!(d.kind, DirectiveKind::Assert { .. } | DirectiveKind::Backfill(_));
        let mut steps = self.directives.iter().filter(is_step).peekable();
        std::iter::from_fn(move || {
            loop {
                let directive = steps.next()?;
                if !matches!(directive.kind, DirectiveKind::Assert { .. }) {
                    continue;
                }
                let next = self.statements.partition_point(|statement| statement.start < directive.start);
                let query = self.statements.get(next);
                let taken =
                    steps.peek().is_some_and(|step| query.is_none_or(|query| step.start < query.start));
                if taken || !query.is_some_and(|query| is_select(query.text)) {
                    let message = "an assertion is not before a SELECT of its own";
                    return Some(
                        Error::new(ErrorKind::Migration, message)
                            .at(self.file.location(directive.start))
                            .help("write the SELECT that must find nothing below it; it gives the rows that are wrong"),
                    );
                }
            }
        })
    }

    /// What is wrong with the directives of a file.
    pub(super) fn wrong_directives(file: &SourceFile) -> Vec<Error> {
        if may_hold_one(file.text()) { Script::read(file).errors } else { Vec::new() }
    }

    /// Reads the directive in the comment at `start`; `None` inside a trigger, whose comments SQLite keeps as a part
    /// of its text.
    fn directive(&self, start: usize, spoken: &Spoken<'_>) -> Result<Option<Directive>> {
        let next = self.statements.partition_point(|statement| statement.start < start);
        let around = next.checked_sub(1).and_then(|n| self.statements.get(n)).filter(|s| start < s.end());
        if around.is_some_and(|around| ddl::kind(around.text) == Some(ddl::Kind::Trigger)) {
            return Ok(None);
        }
        let misplaced = |what: &str| {
            Error::new(ErrorKind::Migration, format!("a planctl directive is {what}"))
                .at(self.file.location(start))
                .help("a directive is a line of its own between two statements; one that is no longer wanted can be deleted")
        };
        let body = match spoken {
            Spoken::Prose => return Ok(None),
            Spoken::NearMiss { offset, meant } => {
                return Err(near_miss(ErrorKind::Migration, meant).at(self.file.location(start + offset)));
            }
            Spoken::Said(bodies) => match bodies.as_slice() {
                [only] => *only,
                _ => return Err(misplaced("after another one on its line")),
            },
        };
        if around.is_some() {
            return Err(misplaced("in the middle of a statement"));
        }
        if !self.file.begins_line(start) {
            return Err(misplaced("after something else on its line"));
        }
        directive::parse(self.file, start, body).map(Some)
    }

    /// The directives that could be understood, in order.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.directives.iter()
    }

    /// Statements and data steps, in the order in which they run.
    ///
    /// # Errors
    /// The first directive that is wrong.
    pub fn into_steps(self) -> Result<Vec<Step<'a>>> {
        if let Some(error) = self.errors.into_iter().next() {
            return Err(error);
        }
        let mut steps = Vec::with_capacity(self.statements.len());
        let mut statements = self.statements.into_iter().peekable();
        for directive in self.directives {
            while let Some(statement) = statements.next_if(|statement| statement.start < directive.start) {
                steps.push(Step::Sql { text: statement.text, start: statement.start });
            }
            match directive.kind {
                DirectiveKind::Backfill(spec) => steps.push(Step::Backfill { spec, start: directive.start }),
                DirectiveKind::Assert { reason } => {
                    let query = statements.next().map(|query| (query.text, query.start));
                    steps.extend(query.map(|(text, start)| Step::Assert { reason, text, start }));
                }
                DirectiveKind::Irreversible { .. }
                | DirectiveKind::Allow { .. }
                | DirectiveKind::Replaces(_) => {}
            }
        }
        steps.extend(statements.map(|statement| Step::Sql { text: statement.text, start: statement.start }));
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Result<Vec<String>, String> {
        let file = SourceFile::new("V1__a.sql", text);
        let steps = Script::read(&file).into_steps().map_err(|error| error.to_string())?;
        Ok(steps
            .into_iter()
            .map(|step| match step {
                Step::Sql { text, .. } => text.to_owned(),
                Step::Backfill { spec, .. } => format!("backfill {}", spec.table),
                Step::Assert { reason, text, .. } => format!("{reason}: {text}"),
            })
            .collect())
    }

    const BACKFILL: &str = "-- planctl:backfill root-ancestor table=t id=i parent=p root=r";

    #[test]
    fn a_data_step_runs_where_it_stands() {
        let steps = shapes(&format!("{BACKFILL}\nA;\n  {BACKFILL}\r\n/* c */ B;\n{BACKFILL}\nC\n{BACKFILL}"));
        let step = "backfill t";
        assert_eq!(steps.unwrap(), [step, "A;", step, "B;", step, "C", step]);
    }

    #[test]
    fn an_assertion_is_about_the_select_below_it() {
        let query = "WITH x AS (SELECT 1) SELECT * FROM x;";
        let steps = shapes(&format!("A;\n-- planctl:assert no x\n-- why\n-- planctl:allow r s\n{query}\nB;"));
        assert_eq!(steps.unwrap(), ["A;".to_owned(), format!("no x: {query}"), "B;".to_owned()]);
        for text in [
            "-- planctl:assert a\nDELETE FROM t RETURNING a;",
            "-- planctl:assert a\nWITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x;",
            "-- planctl:assert a\nPRAGMA foreign_key_check;",
            "-- planctl:assert a\n-- planctl:assert b\nSELECT 1;",
            &format!("-- planctl:assert a\n{BACKFILL}\nSELECT 1;"),
            "-- planctl:assert a",
        ] {
            let error = shapes(&format!("SELECT 1;\n{text}")).unwrap_err();
            assert_eq!(error, "V1__a.sql:2:1: an assertion is not before a SELECT of its own", "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_directive_is_none() {
        let trigger = format!("CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN\n{BACKFILL}\nSELECT 1;\nEND;");
        let text = format!("SELECT '\n{BACKFILL}\n';/*\n{BACKFILL}\n*/ {trigger}\n-- see planctl:backfill\n");
        assert_eq!(shapes(&text).unwrap().len(), 2);
        assert_eq!(shapes(&format!("\u{feff}{BACKFILL}")).unwrap().len(), 1);
    }

    #[test]
    fn a_directive_in_the_middle_of_a_statement_is_refused_with_its_line() {
        let error = shapes(&format!("SELECT\n{BACKFILL}\n1;")).unwrap_err();
        assert_eq!(error, "V1__a.sql:2:1: a planctl directive is in the middle of a statement");
        for (near, at) in [
            ("-- planctl backfill root-ancestor", 4),
            ("---- planctl:allow x y", 6),
            ("/* planctl:allow x y */", 4),
        ] {
            let error = shapes(&format!("SELECT 1;\n{near}\nSELECT 2;")).unwrap_err();
            assert!(error.starts_with(&format!("V1__a.sql:2:{at}: this looks like a directive")), "{error}");
        }
        let error = shapes(&format!("SELECT 1; {BACKFILL}\n")).unwrap_err();
        assert!(error.starts_with("V1__a.sql:1:11: a planctl directive is after"), "{error}");
    }
}
