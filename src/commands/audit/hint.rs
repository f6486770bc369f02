//! What closes what an audit found: the command that gets there from where the database and its migrations are.

use std::collections::BTreeSet;
use std::fmt;

use super::request::{AuditRequest, AuditSubject};
use crate::audit::comparison::Sides;
use crate::base::error::Result;
use crate::base::finding::{Finding, Object};
use crate::base::job::answer;
use crate::base::rule::AuditRule;
use crate::base::source::Location;
use crate::commands::{Context, counted};
use crate::diff::{Change, Difference, ObjectKind, ObjectName};
use crate::engine::{self, Engine, UpOptions, plan_up};
use crate::generate::{Lookalike, hints, undeclared};
use crate::migrations::{MigrationSet, Version};
use crate::plan::{Hints, RenamedFrom, needs_value, renamed_from};
use crate::schema::{Ident, Pragmas, Schema};

/// A way to close findings, or what has to be done before one can be gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Hint {
    /// What does not compile in the spec is corrected: nothing that makes it is generated.
    Correct { object: String },
    /// Somebody says whether a name is an old one renamed.
    Name { place: Option<Location>, new: String, comment: String },
    /// The same of so many more.
    MoreNames { count: usize },
    /// Somebody says which value the rows get in a new column, or which column it is `perhaps`.
    Value { place: Option<Location>, column: String, comment: String, perhaps: Option<Ident> },
    /// The same of so many more.
    MoreValues { count: usize },
    /// Migrations that are pending do.
    Up { pending: usize },
    /// A migration that is still to be written does.
    Generate { destructive: bool },
    /// A script for this one database does: it is not as its migrations left it, or has none.
    Script { destructive: bool, adoptable: bool },
    /// Nothing does in this file.
    Encoding,
    /// Only whoever knows what the rows mean does.
    Rows { findings: usize },
}

/// How many names are told that look like others, and how many columns that need a value.
const NAMES: usize = 3;

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::Correct { object } => write!(f, "first correct {object} in the spec: it does not compile"),
            Hint::Name { place, new, comment } => {
                at(f, place.as_ref())?;
                write!(f, "first write {comment} above {new}, or `-- planctl:new` if it is new")
            }
            Hint::MoreNames { count } => {
                write!(f, "the same for {}", counted(*count, "more probable rename"))
            }
            Hint::Value { place, column, comment, perhaps } => {
                at(f, place.as_ref())?;
                write!(f, "first give {column} a DEFAULT, or write {comment} above its table")?;
                perhaps.as_ref().map_or(Ok(()), |old| {
                    let says = renamed_from(old);
                    write!(f, "; if it is {} under a new name, write {says} above it", old.shown())
                })
            }
            Hint::MoreValues { count } => {
                write!(f, "the same for {}", counted(*count, "more column"))
            }
            Hint::Up { pending } => {
                let migrations = counted(*pending, "pending migration");
                write!(f, "`planctl migrate up` applies {migrations}: then look again")
            }
            Hint::Generate { destructive } => f.write_str(if *destructive {
                "`planctl migrate generate NAME --allow-destructive` writes the migration that closes this, and deletes what the spec does not have"
            } else {
                "`planctl migrate generate NAME` writes the migration that closes this"
            }),
            Hint::Script { destructive, adoptable } => {
                f.write_str(if *destructive {
                    "`planctl audit --sql --allow-destructive` prints the script that closes this, and deletes what the spec does not have"
                } else {
                    "`planctl audit --sql` prints the script that closes this"
                })?;
                if *adoptable {
                    f.write_str("; to keep a change, put it into the spec and run `planctl migrate adopt NAME`")?;
                }
                Ok(())
            }
            Hint::Encoding => f.write_str(
                "the encoding of a database is fixed when it is created: load a dump of it into a new one that begins with \
                 the PRAGMA",
            ),
            Hint::Rows { findings: 1 } => f.write_str("1 finding is about rows: no script corrects them"),
            Hint::Rows { findings } => {
                write!(f, "{findings} findings are about rows: no script corrects them")
            }
        }
    }
}

fn at(f: &mut fmt::Formatter<'_>, place: Option<&Location>) -> fmt::Result {
    place.map_or(Ok(()), |place| write!(f, "{place}: "))
}

/// A schema without them: what migrations can produce.
pub(in crate::commands) fn of_schema(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    schema.pragmas.take_out_those_of_the_file();
    schema
}

fn setting(change: &Change) -> Option<&'static str> {
    match &change.object.name {
        ObjectName::Own(name) if change.object.kind == ObjectKind::Pragma => {
            Pragmas::OF_THE_FILE.into_iter().find(|known| *name == **known)
        }
        _ => None,
    }
}

/// What closes the findings that nothing excuses.
pub(super) fn of(
    ctx: &Context<'_>,
    request: &AuditRequest,
    sides: &Sides<'_>,
    engine: &mut dyn Engine,
    findings: &[Finding],
) -> Result<Vec<Hint>> {
    let open = Open::of(findings, sides);
    let is_live = matches!(request.subject, AuditSubject::Database(_));
    let is_setting = |one: &One<'_>| setting(one.change).is_some();
    let settings: Vec<&str> = open.changes.iter().filter_map(|one| setting(one.change)).collect();
    let schema: Vec<One<'_>> = open.changes.iter().copied().filter(|one| !is_setting(one)).collect();
    let mut hints = Vec::new();
    if !schema.is_empty() {
        let found = if is_live {
            // Where the migrations cannot tell, something else has to.
            answer(of_migrations(ctx, request, sides, engine, &open, &schema))?.flatten()
        } else {
            Some(open.generate(&schema))
        };
        hints.extend(found.unwrap_or_else(|| open.script(&schema, false)));
    }
    if is_live && settings.iter().any(|name| *name != "encoding") {
        let hint = Hint::Script { destructive: false, adoptable: false };
        if !hints.iter().any(|known| matches!(known, Hint::Script { .. })) {
            hints.push(hint);
        }
    }
    if is_live && settings.contains(&"encoding") {
        hints.push(Hint::Encoding);
    }
    if open.rows > 0 {
        hints.push(Hint::Rows { findings: open.rows });
    }
    Ok(hints)
}

/// A finding, and the change that it is of.
#[derive(Clone, Copy)]
struct One<'a> {
    finding: &'a Finding,
    change: &'a Change,
}

/// What nothing excuses.
struct Open<'a> {
    changes: Vec<One<'a>>,
    /// What does not compile in the spec.
    broken: Vec<&'a Finding>,
    /// How many are about rows.
    rows: usize,
    /// What the spec and its ledger say of names; `None` where they cannot be understood, which the generator tells.
    said: Option<Hints>,
    /// What the spec wants.
    expected: &'a Schema,
}

impl<'a> Open<'a> {
    fn of(findings: &'a [Finding], sides: &'a Sides<'_>) -> Open<'a> {
        let open = findings.iter().filter(|finding| finding.is_open());
        let one = |finding: &'a Finding| Some(One { finding, change: sides.changes.get(finding.change?)? });
        let is_broken = |finding: &&Finding| {
            use Difference::{BrokenTrigger, BrokenView};
            let rule = finding.rule.of_audit();
            matches!(rule, Some(AuditRule::Schema(BrokenView | BrokenTrigger))) && finding.expected.is_some()
        };
        let changes: Vec<One<'_>> = open.clone().filter_map(one).collect();
        let said = if changes.is_empty() { None } else { hints(sides.spec, sides.ledger, sides).ok() };
        let broken = open.clone().filter(is_broken).collect();
        let rows = open.filter(|finding| finding.rule.is_about_rows()).count();
        Open { changes, broken, rows, said, expected: &sides.expected }
    }

    /// A migration that closes these, and what it waits for.
    fn generate(&self, these: &[One<'_>]) -> Vec<Hint> {
        let destructive = self.destroys(these);
        self.before(these).into_iter().chain([Hint::Generate { destructive }]).collect()
    }

    /// A script that closes these, and what it waits for.
    fn script(&self, these: &[One<'_>], adoptable: bool) -> Vec<Hint> {
        let destructive = self.destroys(these);
        self.before(these).into_iter().chain([Hint::Script { destructive, adoptable }]).collect()
    }

    /// What has to be done before anything can be generated that closes these.
    fn before(&self, these: &[One<'_>]) -> Vec<Hint> {
        let made: BTreeSet<&Object> = these.iter().map(|one| &one.finding.object).collect();
        let correct = self.broken.iter().filter(|broken| made.contains(&broken.object)).map(|broken| {
            let object = &broken.object;
            Hint::Correct {
                object: format!("{} {}", object.kind, object.name.as_deref().unwrap_or_default()),
            }
        });
        let mut hints: Vec<Hint> = correct.collect();
        let names: Vec<_> =
            these.iter().filter_map(|one| Some((one.finding, self.undeclared(one.change)?))).collect();
        hints.extend(names.iter().take(NAMES).map(|(finding, name)| Hint::Name {
            place: finding.location.clone(),
            new: finding.object.path(),
            comment: name.comment(),
        }));
        let count = names.len().saturating_sub(NAMES);
        hints.extend((count > 0).then_some(Hint::MoreNames { count }));
        let columns: Vec<_> = these.iter().filter(|one| self.needs_value(one.change)).collect();
        hints.extend(columns.iter().take(NAMES).map(|one| {
            let name = Ident::from(one.finding.object.name.as_deref().unwrap_or_default());
            Hint::Value {
                place: one.finding.location.clone(),
                column: one.finding.object.path(),
                comment: format!("`-- planctl:fill column={} value=SQL`", name.shown()),
                perhaps: perhaps_renamed(these, one.change).cloned(),
            }
        }));
        let count = columns.len().saturating_sub(NAMES);
        hints.extend((count > 0).then_some(Hint::MoreValues { count }));
        hints
    }

    /// Whether it is a new column in which rows would have no value.
    fn needs_value(&self, change: &Change) -> bool {
        let (Some(said), Some(table), Difference::MissingColumn, ObjectName::Columns(columns)) =
            (&self.said, &change.object.table, change.difference, &change.object.name)
        else {
            return false;
        };
        let there = self.expected.tables.get(table);
        let column = columns.first().and_then(|name| Some((there?, there?.column(name)?)));
        column.is_some_and(|(there, column)| {
            let has_old_name =
                |of: &RenamedFrom| of.table == *table && of.column.as_ref() == Some(&column.name);
            let is_said = said.fills.contains_key(&(table.clone(), column.name.clone()))
                || said.renamed.iter().any(has_old_name)
                || self.undeclared(change).is_some();
            !is_said && needs_value(there, column)
        })
    }

    fn undeclared<'c>(&self, change: &'c Change) -> Option<Lookalike<'c>> {
        undeclared([change], self.said.as_ref()?).next()
    }

    /// Whether rows or values go with them. What looks like something else under a new name is taken for that.
    fn destroys(&self, these: &[One<'_>]) -> bool {
        let said = self.said.iter().flat_map(|said| &said.renamed).map(RenamedFrom::old_name);
        let looks = these.iter().filter_map(|one| Some(self.undeclared(one.change)?.old_name()));
        let renamed: BTreeSet<(&Ident, Option<&Ident>)> = said.chain(looks).collect();
        these.iter().any(|one| {
            let Some(table) = &one.change.object.table else { return false };
            match (one.change.difference, &one.change.object.name) {
                (Difference::ExtraTable, _) => !renamed.contains(&(table, None)),
                (Difference::ExtraColumn, ObjectName::Columns(columns)) => {
                    !renamed.contains(&(table, columns.first()))
                }
                _ => false,
            }
        })
    }
}

/// The only column that the table has and should not, where `new` is the only one that it should have and has not: defined otherwise,
/// it may be that one all the same.
fn perhaps_renamed<'a>(these: &[One<'a>], new: &Change) -> Option<&'a Ident> {
    let of = |difference| {
        let of_table = these.iter().filter(|one| one.change.object.table == new.object.table);
        of_table.filter(move |one| one.change.difference == difference)
    };
    let mut extra = of(Difference::ExtraColumn);
    match (extra.next().map(|one| &one.change.object.name), extra.next()) {
        (Some(ObjectName::Columns(old)), None) if of(Difference::MissingColumn).count() == 1 => old.first(),
        _ => None,
    }
}

/// What the migrations do about it, and if nothing, what does; `None` where there are none.
fn of_migrations(
    ctx: &Context<'_>,
    request: &AuditRequest,
    sides: &Sides<'_>,
    engine: &mut dyn Engine,
    open: &Open<'_>,
    these: &[One<'_>],
) -> Result<Option<Vec<Hint>>> {
    let Some(dir) = request.migrations.as_deref() else { return Ok(None) };
    let set = MigrationSet::load(dir)?;
    let history = engine.history()?;
    let pending = plan_up(&set, &history, None)?.len();
    let made = schemas(ctx, &set, history.newest())?;
    let compared = |made| Sides::but(&request.others, sides.spec, sides.ledger, made, ctx.job);
    let (now, then) = (compared(&made[0])?, compared(&made[1])?);
    let [now, then]: [BTreeSet<_>; 2] =
        [&now, &then].map(|made| made.changes.iter().map(Change::sort_key).collect());
    let (left, gone): (Vec<One<'_>>, Vec<One<'_>>) =
        these.iter().partition(|one| then.contains(&one.change.sort_key()));
    // Migrations run on a database that has their history, or nothing at all.
    let can_run = history.newest().is_some() || sides.live.tables.is_empty();
    if pending > 0 && can_run && gone.iter().any(|one| now.contains(&one.change.sort_key())) {
        return Ok(Some(vec![Hint::Up { pending }]));
    }
    if !left.is_empty() && can_run {
        return Ok(Some(open.generate(&left)));
    }
    Ok(Some(open.script(these, pending == 0 && history.newest().is_some())))
}

/// What the migrations produce that are applied, and what all of them do.
fn schemas(ctx: &Context<'_>, set: &MigrationSet, newest: Option<Version>) -> Result<[Schema; 2]> {
    let mut scratch = engine::scratch(ctx.job)?;
    if let Some(to) = newest {
        let options = UpOptions { to: Some(to), ..UpOptions::of(ctx.run_id) };
        if let Some(error) = scratch.migrate_up(set, &options, ctx.job.quietly()).error {
            return Err(error);
        }
    }
    let now = scratch.inspect()?;
    let options = UpOptions::of(ctx.run_id);
    match scratch.migrate_up(set, &options, ctx.job.quietly()).error {
        Some(error) => Err(error),
        None => Ok([now, scratch.inspect()?]),
    }
}
