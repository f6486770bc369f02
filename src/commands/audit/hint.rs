//! What closes what an audit found: the command that gets there from where the database and its migrations are.

use std::collections::BTreeSet;
use std::fmt;

use super::request::{AuditRequest, AuditSubject};
use crate::audit::comparison::Sides;
use crate::base::error::Result;
use crate::base::job::answer;
use crate::commands::{Context, counted};
use crate::diff::{Change, Difference, ObjectKind, ObjectName};
use crate::engine::{self, Engine, UpOptions, plan_up};
use crate::migrations::{MigrationSet, Version};
use crate::schema::{Pragmas, Schema};

/// A way to close findings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hint {
    /// Migrations that are pending do.
    Up { pending: usize },
    /// A migration that is still to be written does.
    Generate,
    /// A script for this one database does: it is not as its migrations left it, or has none.
    Script { destructive: bool, adoptable: bool },
    /// Nothing does in this file.
    Encoding,
    /// Only whoever knows what the rows mean does.
    Rows { findings: usize },
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::Up { pending } => {
                let migrations = counted(*pending, "pending migration");
                write!(f, "`planctl migrate up` applies {migrations}: then look again")
            }
            Hint::Generate => {
                f.write_str("`planctl migrate generate NAME` writes the migration that closes this")
            }
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

/// What closes the findings that are `open`, of which so many are about rows.
pub(super) fn of(
    ctx: &Context<'_>,
    request: &AuditRequest,
    sides: &Sides<'_>,
    engine: &mut dyn Engine,
    open: &[&Change],
    rows: usize,
) -> Result<Vec<Hint>> {
    let is_live = matches!(request.subject, AuditSubject::Database(_));
    let settings: Vec<&str> = open.iter().filter_map(|change| setting(change)).collect();
    let schema: Vec<&Change> = open.iter().copied().filter(|change| setting(change).is_none()).collect();
    let mut hints = Vec::new();
    if !schema.is_empty() {
        let hint = if is_live {
            // Where the migrations cannot tell, something else has to.
            answer(of_migrations(ctx, request, sides, engine, &schema))?.flatten()
        } else {
            Some(Hint::Generate)
        };
        hints.push(hint.unwrap_or_else(|| script(&schema, false)));
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
    if rows > 0 {
        hints.push(Hint::Rows { findings: rows });
    }
    Ok(hints)
}

fn script(open: &[&Change], adoptable: bool) -> Hint {
    let is_lost =
        |change: &&&Change| matches!(change.difference, Difference::ExtraTable | Difference::ExtraColumn);
    Hint::Script { destructive: open.iter().any(|change| is_lost(&change)), adoptable }
}

/// What the migrations do about it, and if nothing, what does; `None` where there are none.
fn of_migrations(
    ctx: &Context<'_>,
    request: &AuditRequest,
    sides: &Sides<'_>,
    engine: &mut dyn Engine,
    open: &[&Change],
) -> Result<Option<Hint>> {
    let Some(dir) = request.migrations.as_deref() else { return Ok(None) };
    let set = MigrationSet::load(dir)?;
    let history = engine.history()?;
    let pending = plan_up(&set, &history, None)?.len();
    let made = schemas(ctx, &set, history.newest())?;
    let compared = |made| Sides::but(&request.others, sides.spec, sides.ledger, made, ctx.job);
    let (now, then) = (compared(&made[0])?, compared(&made[1])?);
    let [now, then]: [BTreeSet<_>; 2] =
        [&now, &then].map(|made| made.changes.iter().map(Change::sort_key).collect());
    let differs = open.iter().map(|change| change.sort_key());
    let kinds: Vec<(bool, bool)> = differs.map(|key| (now.contains(&key), then.contains(&key))).collect();
    // Migrations run on a database that has their history, or nothing at all.
    let can_run = history.newest().is_some() || sides.live.tables.is_empty();
    if pending > 0 && can_run && kinds.iter().any(|(now, then)| *now && !then) {
        return Ok(Some(Hint::Up { pending }));
    }
    if kinds.iter().any(|(_, then)| *then) {
        return Ok(Some(Hint::Generate));
    }
    Ok(Some(script(open, pending == 0 && history.newest().is_some())))
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
