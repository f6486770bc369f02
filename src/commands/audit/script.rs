//! `planctl audit --sql`: the script that makes a database what the spec asks for.

use super::hint::of_schema;
use super::{AuditRequest, AuditSubject};
use crate::audit::comparison::Sides;
use crate::audit::ledger::read_ledger;
use crate::base::error::{ByHand, Error, ErrorKind, Result};
use crate::base::source::SourceFile;
use crate::commands::Context;
use crate::commands::scripts::closing_script;
use crate::engine::{self, Access, OpenOptions};
use crate::generate::{Ask, Spec, Terms, goal_of, hints, refuse_broken, script_pair, standalone};
use crate::report::Report;
use crate::schema::{Pragmas, Schema};
use crate::sql::{Pragma, Target};

/// What `audit --sql` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptRequest {
    /// The audit whose findings are to be closed.
    pub audit: AuditRequest,
    /// Whether rows and values may go.
    pub allow_destructive: bool,
}

/// Writes the script that closes what the audit finds, under the ledger. Only reads the database.
///
/// # Errors
/// As the audit; and when the way needs a decision that nobody made, or could not be proven.
pub fn run(ctx: &mut Context<'_>, request: &ScriptRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let by_hand = ByHand::Script { shown_by: "planctl audit".to_owned() };
    script(ctx, request, ask).map_err(|error| error.by_hand(by_hand))
}

fn script(ctx: &mut Context<'_>, request: &ScriptRequest, ask: &mut Ask<'_>) -> Result<Report> {
    let ScriptRequest { audit, allow_destructive } = request;
    let AuditSubject::Database(db) = &audit.subject else {
        return Err(Error::new(ErrorKind::Usage, "a script is for a database"));
    };
    let spec = SourceFile::read(&audit.spec)?;
    let ledger = read_ledger(audit.deviations.as_deref())?;
    let options = OpenOptions { lock_timeout: audit.lock_timeout };
    let (_, live) = engine::look(db, Access::ReadOnly, options, ctx.job, |engine| engine.inspect())?;
    let sides = Sides::but(&audit.others, &spec, &ledger, &live, ctx.job)?;
    let goal = goal_of(&sides, ctx.started.date())?;
    let hints = hints(&spec, &ledger, &sides)?;
    refuse_broken(&sides, &goal, &hints, ctx.started.date())?;
    let settings = settings(&live, &goal)?;
    let terms = Terms {
        sqlite: audit.sqlite_version,
        target: audit.target,
        allow_destructive: *allow_destructive,
        hints,
        spec: Some(Spec { file: &spec, has_ledger: true }),
        db: db.file(),
        job: ctx.job,
    };
    let scripts = script_pair(&of_schema(&live), &of_schema(&goal), &terms, ask)?;
    let (from, to) = (db.display().to_string(), audit.spec.display().to_string());
    if let Some(setting) = settings.first().filter(|_| audit.target != Target::Sqlite) {
        let message = format!("{} does not let a script run {setting}", audit.target.title());
        return Err(Error::new(ErrorKind::Database, message).help("take that line out of the spec"));
    }
    let mut text = match &scripts {
        Some(scripts) => standalone(&from, &to, scripts, ctx.job)?,
        None if settings.is_empty() => format!("-- Nothing to do: {from} is what {to} asks for.\n"),
        None => format!("-- Sets in {from} what {to} asks for. Run it with the sqlite3 shell.\n.bail on\n"),
    };
    if !settings.is_empty() {
        text.push_str("\n-- How the file is written cannot be changed in a transaction.\n");
        settings.iter().for_each(|statement| text.push_str(&format!("{statement}\n")));
    }
    Ok(closing_script("audit", text, scripts.as_ref()))
}

/// The statements that change how the file is written.
///
/// # Errors
/// `Database` when the encoding is another one: that of a database with tables is settled.
fn settings(live: &Schema, goal: &Schema) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for (name, wanted) in &goal.pragmas.values {
        let there = live.pragmas.values.get(name);
        if !Pragmas::OF_THE_FILE.contains(name) || there.is_none_or(|there| there == wanted) {
            continue;
        }
        match *name {
            "encoding" => {
                let there = there.map_or("", String::as_str);
                let message = format!("the database is in {there}, and the spec asks for {wanted}");
                return Err(Error::new(ErrorKind::Database, message)
                    .note("the encoding is fixed when a database is created")
                    .help(format!(
                        "load a dump of it into a new one that begins with PRAGMA encoding = '{wanted}'; or take the line \
                         out of the spec"
                    )));
            }
            "auto_vacuum" => statements.push(format!("{};\nVACUUM;", Pragma::set(name, wanted))),
            _ => statements.push(format!("{};", Pragma::set(name, wanted))),
        }
    }
    Ok(statements)
}
