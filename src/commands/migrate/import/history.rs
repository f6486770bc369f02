//! What the other tool's own history in a database says, proven by the schema, and taken over.

use std::path::Path;
use std::time::Duration;

use crate::audit::Others;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::words::counted;
use crate::commands::migrate::drift::{self, Drift};
use crate::commands::{Context, word};
use crate::engine::{self, Access, Baseline, DatabaseName, Engine, OpenOptions, plan_baseline};
use crate::import::{Chain, Ledger, Refusal, Tool};
use crate::migrations::{MigrationSet, Version};
use crate::schema::{Ident, Schema};
use crate::sql::{display_name, is_own_table, others};

/// A database whose history is taken over with the folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TakenOver {
    /// The database.
    pub db: DatabaseName,
    /// Its table of what is applied, where the tool was given another name for it.
    pub history: Option<String>,
    /// Which tables are somebody else's.
    pub others: Others,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

/// What a database has of a chain.
pub(super) struct Standing {
    /// How many of the chain's first migrations are applied.
    pub(super) applied: usize,
    /// The newest of them; `None` where none is.
    pub(super) newest: Option<Version>,
    /// How the schema differs from what these make.
    pub(super) drift: Drift,
    /// The newest version to record, and the fingerprint of the schema; `None` where all is recorded.
    recorded: Option<(Version, String)>,
}

/// Refuses a database that is not there, before anything takes time.
pub(super) fn must_open(ctx: &Context<'_>, from: &TakenOver) -> Result<()> {
    engine::open(&from.db, Access::ReadFirst, options(from), ctx.job).map(drop)
}

/// Reads the history and compares the schema; `set` is the folder as it will be.
pub(super) fn standing(
    ctx: &mut Context<'_>,
    chain: &Chain,
    set: &MigrationSet,
    from: &TakenOver,
) -> Result<Standing> {
    let mut live = engine::open(&from.db, Access::ReadFirst, options(from), ctx.job)?;
    // The fingerprint first: what changes while the schema is read is seen under the lock.
    let schema = live.schema_fingerprint()?;
    let applied = applied(chain, &mut *live, from)?;
    let newest = applied.checked_sub(1).and_then(|at| chain.migrations.get(at)).map(|last| last.version);
    let Some(to) = newest else {
        return Ok(Standing { applied, newest, drift: Drift::default(), recorded: None });
    };
    // Taken over before, it may have gone on since.
    let history = live.history()?;
    let at = history.applied.last().map_or(to, |known| known.version.max(to));
    let is_known = plan_baseline(set, &history, at)?.is_empty();
    let others = match &from.history {
        Some(table) => from.others.clone().and(Ident::from(table.as_str())),
        None => from.others.clone(),
    };
    let drift = drift::differences(ctx, set, at, &mut *live, &others)?;
    Ok(Standing { applied, newest, drift, recorded: (!is_known).then_some((at, schema)) })
}

/// Records what is applied, if the schema is still the one that was compared.
pub(super) fn record(
    ctx: &mut Context<'_>,
    set: &MigrationSet,
    from: &TakenOver,
    standing: &Standing,
) -> Result<Vec<Version>> {
    let Some((to, schema)) = &standing.recorded else { return Ok(Vec::new()) };
    let mut engine = engine::open(&from.db, Access::ReadWrite { create: false }, options(from), ctx.job)?;
    engine.record(set, Baseline { to: *to, run_id: ctx.run_id, schema, leaves: None }, ctx.job)
}

fn options(from: &TakenOver) -> OpenOptions {
    OpenOptions { lock_timeout: from.lock_timeout }
}

/// How many of the chain's first migrations the tool's own history says are applied.
fn applied(chain: &Chain, live: &mut dyn Engine, from: &TakenOver) -> Result<usize> {
    let schema = live.inspect()?;
    let rows = match (chain.ledger(), &from.history) {
        (Ledger::Table { name, columns }, named) => {
            let name = named.as_deref().unwrap_or(name);
            if !has(&schema, name, columns) {
                return Err(no_history(chain, &schema, (name, columns), from));
            }
            live.texts(name, columns)?
        }
        (Ledger::UserVersion, None) => vec![vec![schema.pragmas.values.get("user_version").cloned()]],
        (Ledger::UserVersion, Some(_)) => {
            let title = chain.tool.title();
            let message = format!("{title} has no history table: it counts in PRAGMA user_version");
            return Err(Error::new(ErrorKind::Usage, message).help("leave out --history-table"));
        }
    };
    chain.applied(&rows).map_err(|refusal| refused(chain.tool, refusal, &from.db))
}

/// The tool whose history a database has.
pub(in crate::commands) fn theirs(schema: &Schema) -> Option<Tool> {
    let tool = Tool::with_history(|name, columns| has(schema, name, columns))?;
    (tool != Tool::Dbmate || is_dbmates(schema)).then_some(tool)
}

/// Whether a table of dbmate's name is dbmate's: Rails has one, and a table beside it; Ecto's has another column.
fn is_dbmates(schema: &Schema) -> bool {
    let table = schema.tables.get(&Ident::from(others::SCHEMA_MIGRATIONS));
    table.is_some_and(|table| table.columns.len() == 1)
        && !schema.tables.contains_key(&Ident::from(others::RAILS))
}

fn has(schema: &Schema, table: &str, columns: &[&str]) -> bool {
    let table = schema.tables.get(&Ident::from(table));
    table.is_some_and(|table| {
        columns.iter().all(|wanted| table.columns.iter().any(|column| column.name == **wanted))
    })
}

fn no_history(chain: &Chain, schema: &Schema, (table, columns): (&str, &[&str]), from: &TakenOver) -> Error {
    let (tool, shown) = (chain.tool.title(), from.db.display());
    let table = display_name(table);
    let message = format!("{shown} has no history of {tool}: there is no table {table} as {tool} makes it");
    let error = from.db.about(Error::new(ErrorKind::Migration, message));
    if from.history.is_some() {
        return error
            .note(format!("{tool}'s has the columns {}", columns.join(", ")))
            .help("name the table that has them");
    }
    // A folder can look like that of another tool, whose history tells.
    if let Some(other) = theirs(schema) {
        return error.help(format!(
            "it has one of {}: if the folder is, too, say so with --from {}",
            other.title(),
            other.name()
        ));
    }
    let is_alike = |name: &&Ident| !is_own_table(name.as_str()) && has(schema, name.as_str(), columns);
    let mut alike = schema.tables.keys().filter(is_alike).map(|name| word(Path::new(name.as_str())));
    error.help(match (alike.next(), alike.next()) {
        (Some(only), None) => format!(
            "if {tool} was given another name for it, add --history-table {only}; else leave out --db to take over the files \
             alone"
        ),
        _ => "leave out --db to take over the files alone".to_owned(),
    })
}

fn refused(tool: Tool, refusal: Refusal, db: &DatabaseName) -> Error {
    let (title, shown) = (tool.title(), db.display());
    let (message, help) = match refusal {
        Refusal::Unfinished(id) => (
            format!("the history of {title} in {shown} says that migration {id} did not come to its end"),
            format!("{}; import after that", repair(tool)),
        ),
        Refusal::UnfinishedAt { up: Some(up), down } => (
            format!(
                "the history of {title} in {shown} says that the up of migration {up} did not come to its end, or the down \
                 of {down}"
            ),
            format!("{}; import after that", repair(tool)),
        ),
        Refusal::UnfinishedAt { up: None, down } => (
            format!(
                "the history of {title} in {shown} says that the down of migration {down}, the first, did not come to its end"
            ),
            format!(
                "finish by hand what it left, and delete the row, or undo it, and say so with `migrate force {down}`; import \
                 after that"
            ),
        ),
        Refusal::Unknown(id) => (
            format!("the history of {title} in {shown} has migration {id}, which is not in the folder"),
            "take its file from version control, or import the folder that was applied".to_owned(),
        ),
        Refusal::Gap { missing, applied } => (
            format!(
                "the history of {title} in {shown} has migration {applied}, but not {missing}, which comes before it"
            ),
            format!("apply {missing} with {title}, or give it a number after the others, then import"),
        ),
    };
    db.about(Error::new(ErrorKind::Migration, message)).help(help)
}

/// What the tool has for a migration that broke off.
fn repair(tool: Tool) -> &'static str {
    match tool {
        Tool::GolangMigrate => {
            "finish by hand what it left, or undo it, and say which version that is with `migrate force V`"
        }
        Tool::Prisma => {
            "finish by hand what it left, or undo it, and say so with `prisma migrate resolve --applied` or `--rolled-back`"
        }
        Tool::Flyway => "undo by hand what it left, and take the row out with `flyway repair`",
        Tool::Atlas => "fix its file, and let `atlas migrate apply` finish it",
        Tool::Liquibase => "fix it, and let `liquibase update` run it again",
        Tool::Sqlx
        | Tool::Diesel
        | Tool::Goose
        | Tool::Dbmate
        | Tool::RusqliteMigration
        | Tool::Drizzle
        | Tool::SqlMigrate
        | Tool::Wrangler => "undo by hand what it left, delete its row, and apply it again with the tool",
    }
}

/// What the history says, to end without a full stop.
pub(super) fn sentence(chain: &Chain, standing: &Standing, db: &DatabaseName) -> String {
    let (tool, db) = (chain.tool.title(), db.display());
    match standing.newest {
        Some(newest) => {
            let migrations = counted(standing.applied, "migration");
            format!("the history of {tool} in {db} has {migrations}, up to version {newest}")
        }
        None => format!("the history of {tool} in {db} has no migration"),
    }
}
