//! Scripts that the plain `sqlite3` shell runs to the same end as a run of ours, made without the database.
//!
//! What a run looks up, the script looks up; what a run refuses, the script refuses: a statement that must not find
//! anything is an INSERT into a table whose CHECK is called like the reason, and `.bail on` ends the shell at the first
//! error. All of it is one transaction, so that a script that was stopped can be run again.
//!
//! While a script is written, the migrations run on a shadow database, and what is written runs on another one, read
//! line by line as the shell reads it: a script holds nothing that was not tried, and the fingerprints of the schemas that
//! the text itself makes.

mod batch;
mod between;
pub(crate) mod data_step;
pub(crate) mod keys;
pub(crate) mod leftovers;
pub(crate) mod losses;
mod passing;
mod reader;
mod recorded;
pub(crate) mod render;
mod shell;
mod start;
mod statistics;
pub(crate) mod steps;
pub(crate) mod text;
pub(crate) mod trial;

use std::time::Duration;

use ulid::Ulid;

pub(crate) use self::between::between;
use self::keys::Keys;
use self::keys::reach::Reach;
use self::leftovers::Leftovers;
use self::passing::{fingerprint, only_adds, passing};
use self::recorded::{checksums, down_literals};
use self::shell::Shell;
use self::text::{Script as _, how_to_run};
use self::trial::Trial;
use super::catalog::fingerprint::{Fingerprint, schema_mark};
use super::catalog::statistics::Endangered;
use super::connection::Sqlite;
use super::diagnosis::errors::scratch as trouble;
use super::migrate::{records, session, squash};
use super::{DownOptions, DownTarget, Engine, Loss, OnLoss, UpOptions, plan_down, plan_up};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::migrations::{Migration, MigrationSet, Squash, Step, Version, VersionWidth, steps};
use crate::sql::{HISTORY, RECORDS, Target, quote_string};

/// Everything besides the files that a script depends on.
#[derive(Clone, Copy, Debug)]
pub struct ScriptOptions<'a> {
    /// The run, as the script records it in the database.
    pub run_id: Ulid,
    /// How long the shell waits for a lock.
    pub lock_timeout: Duration,
    /// Where it is to run.
    pub place: Target,
    /// Stops the making.
    pub job: Job<'a>,
}

/// A script for the plain `sqlite3` shell that applies the migrations above `from`, up to `to` or all, to a database that
/// is at version `from`, or has none applied (so does 0, where no migration has that version). It records them as a run
/// does, and stops without leaving anything behind where a run would stop. `on_loss`: where something is dropped that no
/// migration made.
///
/// # Errors
/// `Usage` when no migration has one of the versions; what the migrations fail with on a shadow database.
pub fn up(
    set: &MigrationSet,
    from: Option<Version>,
    to: Option<Version>,
    on_loss: OnLoss,
    options: ScriptOptions<'_>,
) -> Result<String> {
    let from = from.filter(|&from| is_a_version(set, from));
    either(|dqs| {
        let mut maker = Maker::at(set, from, options)?;
        let plan: Vec<Migration> =
            plan_up(set, &maker.scratch.plain_history()?, to)?.into_iter().cloned().collect();
        let title = match plan.last() {
            Some(last) => format!("migrate up from {} to version {}", shown(from), last.version),
            None => format!("migrate up from {}: nothing to do", shown(from)),
        };
        maker.begin(&title, dqs, plan.iter().map(|file| &file.up))?;
        maker.follow(from);
        maker.start(from);
        // Where all tables are those of the script, nobody can have added to them.
        let asks = on_loss == OnLoss::Refuse && from.is_some();
        for file in &plan {
            maker.apply(file, asks)?;
        }
        maker.end()
    })
}

/// A script for the plain `sqlite3` shell that takes migrations back from a database that is at version `from`, else at
/// the newest of the files. The down scripts are those of the files; where the database has stored another one, the script
/// stops, unless `from_files` was asked for.
///
/// # Errors
/// As [`up`], and those of a down that is missing.
pub fn down(
    set: &MigrationSet,
    from: Option<Version>,
    down: DownOptions<'_>,
    options: ScriptOptions<'_>,
) -> Result<String> {
    let newest = set.migrations.last().map(|newest| newest.version);
    let from = from.or(newest).filter(|&from| is_a_version(set, from));
    either(|dqs| {
        let mut maker = Maker::at(set, from, options)?;
        let plan = plan_down(set, &maker.scratch.full_history()?, down.target, true)?;
        let title = match plan.last() {
            Some(last) => {
                format!("migrate down from {}; the last one reverted is {}", shown(from), last.version)
            }
            None => format!("migrate down from {}: nothing to do", shown(from)),
        };
        maker.begin(&title, dqs, plan.iter().map(|step| &step.script))?;
        maker.start(from);
        for step in &plan {
            let file = set.get(step.version).ok_or_else(|| unknown(set, step.version))?;
            maker.take_back(file, &step.script, down)?;
        }
        maker.end()
    })
}

/// Makes a script without leave for double-quoted strings, and with it where the shell would stop otherwise.
fn either<T>(make: impl Fn(bool) -> Result<T>) -> Result<T> {
    make(false).or_else(|error| match error.kind() {
        ErrorKind::Interrupted => Err(error),
        _ => make(true).map_err(|_| error),
    })
}

/// Whether `from` names a migration: 0 says that none is applied, unless there is a `V0`. What is unknown stays, to be
/// told.
fn is_a_version(set: &MigrationSet, from: Version) -> bool {
    from != 0 || set.get(0).is_some()
}

fn shown(from: Option<Version>) -> String {
    from.map_or("nothing".to_owned(), |from| format!("version {from}"))
}

fn unknown(set: &MigrationSet, version: Version) -> Error {
    Error::new(ErrorKind::Usage, format!("no migration in {} has version {version}", set.dir.display()))
}

/// Writes a script, and keeps a shadow database in step with it.
struct Maker<'a> {
    set: &'a MigrationSet,
    options: ScriptOptions<'a>,
    scratch: Sqlite,
    sql: Shell,
    /// The foreign keys at this point.
    keys: Keys,
    /// Whether any of the files drops or renames a table.
    keeps_statistics: bool,
    /// The schema that the script has made so far, where it was looked at behind a file.
    made: Option<Made>,
    /// Its fingerprint before a file that can only have added objects.
    grown: Option<Fingerprint>,
}

/// A schema that a script has made.
#[derive(Clone)]
struct Made {
    fingerprint: Fingerprint,
    /// The fingerprint as the script writes it.
    expression: String,
}

impl<'a> Maker<'a> {
    fn at(set: &'a MigrationSet, from: Option<Version>, options: ScriptOptions<'a>) -> Result<Maker<'a>> {
        let mut scratch = Sqlite { lacks_rows: true, ..Sqlite::scratch(options.job)? };
        if let Some(from) = from {
            if set.get(from).is_none() {
                return Err(unknown(set, from));
            }
            run_up(&mut scratch, set, from, options)?;
        }
        let sql = Shell::new(Trial::on_copy_of(&scratch.conn, options.place, options.job)?);
        let keys = Keys::read(&scratch.conn).map_err(trouble)?;
        Ok(Maker { set, options, scratch, sql, keys, keeps_statistics: false, made: None, grown: None })
    }

    fn begin<'f>(
        &mut self,
        title: &str,
        dqs: bool,
        files: impl Iterator<Item = &'f SourceFile>,
    ) -> Result<()> {
        for file in files {
            self.keeps_statistics |= !Endangered::by(&steps(file)?).is_empty();
        }
        // Elsewhere than in a file, nothing can be attached to keep them.
        self.keeps_statistics &= self.options.place == Target::Sqlite;
        let mut about = vec![format!("planctl {}: {title}", env!("CARGO_PKG_VERSION"))];
        about.extend(how_to_run(self.options.place).map(str::to_owned));
        let sql = &mut self.sql;
        sql.begin(&about, Some(self.options.lock_timeout.as_millis()), dqs, self.keeps_statistics);
        sql.statement(&session::create_history(self.set.width()));
        sql.statement(records::CREATE_RECORDS);
        sql.statement(
            "CREATE TEMP TABLE planctl_width AS SELECT lower(type) IN ('int8', 'bigint') AS wide \
             FROM pragma_table_info('refinery_schema_history') WHERE lower(name) = 'version'",
        );
        if self.set.width() == VersionWidth::Int8 {
            self.sql.check(
                "the database's history table holds versions up to 2147483647",
                "SELECT wide FROM temp.planctl_width",
            );
        }
        Ok(())
    }

    /// A database that has all of what was squashed one by one has it as the files have it then.
    fn follow(&mut self, from: Option<Version>) {
        recorded::whole_table().iter().for_each(|statement| self.sql.statement(statement));
        let Some(squash) = self.squash(from) else { return };
        let down = down_literals(squash.file, self.options.run_id);
        let statements = squash::statements_where_whole(&squash, down.each_ref().map(String::as_str));
        statements.iter().for_each(|statement| self.sql.statement(statement));
    }

    fn start(&mut self, from: Option<Version>) {
        self.check_state(from);
        if self.checks_keys() {
            self.keys.begin(&mut self.sql);
        }
    }

    /// The migration that stands for others, of which a database at `from` has all.
    fn squash(&self, from: Option<Version>) -> Option<Squash<'a>> {
        self.set.squash().filter(|squash| from.is_some_and(|from| squash.file.version <= from))
    }

    /// The history must be that of the files up to `from`, and nothing else.
    fn check_state(&mut self, from: Option<Version>) {
        let is_applied = |file: &&Migration| from.is_some_and(|from| file.version <= from);
        let files: Vec<&Migration> = self.set.migrations.iter().filter(is_applied).collect();
        let reason = match (from, self.squash(from)) {
            (Some(from), Some(squash)) => format!(
                "the database's history does not match the files up to version {from}; where it lacks some of what {} \
                 replaces, it needs `planctl migrate up --to {}` first, with the files as they were",
                squash.file.label(),
                squash.file.version
            ),
            (Some(from), None) => {
                format!("the database's history does not match the files up to version {from}")
            }
            (None, _) => {
                "the database's history does not match the files: some are already applied".to_owned()
            }
        };
        let count = files.len();
        if files.is_empty() {
            self.sql.check(&reason, "SELECT count(*) = 0 FROM main.refinery_schema_history");
            return;
        }
        let rows: Vec<String> = files
            .iter()
            .map(|file| {
                let (narrow, wide) = checksums(file);
                format!("({}, {}, '{narrow}', '{wide}')", file.version, quote_string(&file.name))
            })
            .collect();
        self.sql.check(
            &reason,
            &format!(
                "WITH planctl_files(version, name, narrow, wide) AS (VALUES\n  {}\n)\n\
                 SELECT count(*) = {count} AND (SELECT count(*) FROM main.refinery_schema_history) = {count}\n\
                 FROM planctl_files f JOIN main.refinery_schema_history h\n\
                 ON h.version = f.version AND h.name = f.name AND h.checksum IN (f.narrow, f.wide)",
                rows.join(",\n  ")
            ),
        );
    }

    /// What a file endangers of what ANALYZE found; the shadow database is as before the file.
    fn statistics(&self, file: &SourceFile) -> Result<statistics::Before> {
        statistics::Before::read(&self.scratch.conn, &steps(file)?).map_err(trouble)
    }

    /// What a file can change; the script so far is as before the file.
    fn reach(&mut self, file: &SourceFile) -> Result<Reach> {
        Reach::of(&steps(file)?, self.sql.prove()?.conn()).map_err(trouble)
    }

    fn apply(&mut self, file: &Migration, asks: bool) -> Result<()> {
        let known = losses::Known::read(asks, &self.scratch.conn, file).map_err(trouble)?;
        let before = self.schema()?;
        let reach = self.reach(&file.up)?;
        let statistics = self.statistics(&file.up)?;
        run_up(&mut self.scratch, self.set, file.version, self.options)?;
        self.sql.line(&format!("\n-- {}", file.label()));
        known.refuse(&mut self.sql, &self.scratch.conn, file).map_err(trouble)?;
        // Other places do not all have a clock that goes on meanwhile.
        let (started, took) = match self.options.place {
            Target::Sqlite => {
                ("julianday('now')", "CAST(round((julianday('now') - m.started) * 86400000) AS INTEGER)")
            }
            Target::Libsql | Target::Rqlite | Target::D1 => ("NULL", "-1"),
        };
        self.sql.statement(&format!(
            "CREATE TEMP TABLE planctl_migration AS SELECT {started} AS started, {before} AS schema_before"
        ));
        self.sql.statement(data_step::NOTES);
        let has_data_steps = self.script(&file.up, &statistics)?;
        let after = self.schema()?;
        let (narrow, wide) = checksums(file);
        let (version, name) = (file.version, quote_string(&file.name));
        self.sql.statement(&format!(
            "INSERT INTO main.refinery_schema_history(version, name, applied_on, checksum)\n\
             SELECT {version}, {name}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), \
             CASE WHEN wide THEN '{wide}' ELSE '{narrow}' END FROM temp.planctl_width"
        ));
        let [down_sql, down_sum] = down_literals(file, self.options.run_id);
        // Only a script with data steps needs SQLite's JSON functions.
        let [column, comma, backfilled] =
            if has_data_steps { [", backfilled", ", ", data_step::NOTED_STEPS] } else { [""; 3] };
        self.sql.statement(&format!(
            "INSERT OR REPLACE INTO main.planctl_migrations(version, applied_on, checksum, run_id, took_ms, \
             rows_backfilled, tokens_checksum, down_sql, down_checksum, schema_before, schema_after{column})\n\
             SELECT h.version, h.applied_on, h.checksum, '{run}', \
             {took}, \
             {rows}, {tokens},\n\
             {down_sql}, {down_sum}, m.schema_before, {after}{comma}{backfilled}\n\
             FROM main.refinery_schema_history h, temp.planctl_migration m WHERE h.version = {version}",
            run = self.options.run_id,
            tokens = records::tokens_literal(file),
            rows = data_step::NOTED_ROWS
        ));
        self.sql.statement("DROP TABLE temp.planctl_migration");
        self.sql.statement(data_step::NO_NOTES);
        self.check_foreign_keys(&file.label(), reach)
    }

    fn take_back(&mut self, file: &Migration, script: &SourceFile, asked: DownOptions<'_>) -> Result<()> {
        let down = DownOptions {
            target: DownTarget::Steps(1),
            from_files: true,
            on_loss: OnLoss::Foresee,
            backup: None,
        };
        let reach = self.reach(script)?;
        let statistics = self.statistics(script)?;
        let virtual_tables = losses::virtual_tables(&self.scratch.conn).map_err(trouble)?;
        let run = self.scratch.migrate_down(self.set, &down, self.options.job.quietly());
        if let Some(error) = run.error {
            return Err(error.note("it ran on a shadow database, to try the script"));
        }
        let (label, version) = (file.label(), file.version);
        self.sql.line(&format!("\n-- {label}, down"));
        let stored = records::record_of(file, self.options.run_id).down;
        if let Some(down) = stored.filter(|_| !asked.from_files) {
            self.sql.check(
                &format!("the down script of {label} in the database differs from the file"),
                &format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM main.planctl_migrations WHERE version = {version} \
                     AND down_checksum <> '{}')",
                    down.checksum
                ),
            );
        }
        self.sql.statement(data_step::NOTES);
        let losses: Vec<Loss> = run.lost.into_iter().flat_map(|lost| lost.losses).collect();
        let undo = match asked.on_loss {
            OnLoss::Allow => Vec::new(),
            _ => losses::refuse(&mut self.sql, (version, &label), &losses, &virtual_tables),
        };
        self.script(script, &statistics)?;
        undo.iter().for_each(|statement| self.sql.statement(statement));
        let after = self.schema()?;
        self.sql.statement(data_step::NO_NOTES);
        for table in [HISTORY, RECORDS] {
            self.sql.statement(&format!("DELETE FROM main.{table} WHERE version = {version}"));
        }
        self.sql.statement(&format!(
            "UPDATE main.planctl_migrations SET schema_after = {after}\n\
             WHERE version = (SELECT max(version) FROM main.refinery_schema_history)"
        ));
        self.check_foreign_keys(&label, reach)
    }

    /// The statements and data steps of a file, and what sets the connection back afterwards.
    fn script(&mut self, file: &SourceFile, statistics: &statistics::Before) -> Result<bool> {
        let all = steps(file)?;
        self.grown = self.made.take().map(|made| made.fingerprint).filter(|_| only_adds(&all));
        if self.options.place != Target::Sqlite {
            return steps::write(&mut self.sql, file, self.options.place);
        }
        let keeping = statistics.kept(&self.scratch.conn).map_err(trouble)?;
        keeping.before(&mut self.sql);
        let mut leftovers = Leftovers::none(self.options.job)?;
        for step in &all {
            match step {
                Step::Sql { text, .. } => leftovers.write(&mut self.sql, text)?,
                Step::Assert { reason, text, .. } => {
                    self.sql.verbatim(&steps::find("TEMP TABLE ", text))?;
                    // The shadow database lacks the rows that it is about.
                    self.sql.prove()?.conn().execute_batch(steps::NOTHING_FOUND).map_err(trouble)?;
                    leftovers.set_back(&mut self.sql);
                    steps::judge(&mut self.sql, reason);
                    leftovers.set_again(&mut self.sql);
                }
                Step::Backfill { spec, .. } => {
                    leftovers.set_back(&mut self.sql);
                    data_step::write(&mut self.sql, spec);
                    leftovers.set_again(&mut self.sql);
                }
            }
        }
        leftovers.end(&mut self.sql);
        keeping.after(&mut self.sql);
        Ok(all.iter().any(|step| matches!(step, Step::Backfill { .. })))
    }

    /// An expression for the fingerprint of the schema that the script has made so far, where the live one looks like it:
    /// as many objects with texts as long. Any other schema has no fingerprint that could be known here.
    fn schema(&mut self) -> Result<String> {
        if let Some(made) = &self.made {
            return Ok(made.expression.clone());
        }
        let mark = schema_mark(&passing(self.options.place));
        let conn = self.sql.prove()?.conn();
        let fingerprint = fingerprint(conn, self.options.place, self.grown.take()).map_err(trouble)?;
        let expression =
            format!("CASE WHEN {mark} = '{}' THEN '{fingerprint}' ELSE '' END", fingerprint.mark());
        self.made = Some(Made { fingerprint, expression: expression.clone() });
        Ok(expression)
    }

    /// D1 enforces foreign keys, always.
    fn checks_keys(&self) -> bool {
        self.options.place != Target::D1
    }

    /// Violations that were not there before end the script; they are shown first.
    fn check_foreign_keys(&mut self, label: &str, reach: Reach) -> Result<()> {
        if self.checks_keys() {
            let conn = self.sql.prove()?.conn();
            let reach = reach.through_triggers(conn).map_err(trouble)?;
            let before = self.keys.read_again(conn, &reach).map_err(trouble)?;
            self.keys.check(&mut self.sql, &before, &reach, label);
        }
        self.verify_same_end(label)
    }

    /// The script has to end where the run ends.
    fn verify_same_end(&mut self, label: &str) -> Result<()> {
        self.schema()?;
        let made = self.made.as_ref().map(|made| made.fingerprint);
        let left = self.scratch.left.as_ref().and_then(|left| left.schema);
        let run = left.map_or_else(|| Fingerprint::read(&self.scratch.conn), |(_, schema)| Ok(schema));
        if made == Some(run.map_err(trouble)?) || self.sql.shielded {
            return Ok(());
        }
        let by = match self.options.place {
            Target::Sqlite => "the sqlite3 shell",
            other => other.title(),
        };
        let message = format!("run by {by}, {label} would give a different schema");
        Err(Error::new(ErrorKind::Migration, message)
            .help("no script was written; run the migrations on the database itself"))
    }

    fn end(mut self) -> Result<String> {
        // Where they are ordinary tables, they go with the transaction.
        let is_shell = self.options.place == Target::Sqlite;
        if is_shell {
            self.sql.commit();
        }
        if self.checks_keys() {
            Keys::end(&mut self.sql);
        }
        self.sql.statement("DROP TABLE temp.planctl_width");
        if !is_shell {
            self.sql.commit();
        }
        if self.keeps_statistics {
            statistics::end(&mut self.sql);
        }
        self.sql.end().map(|(text, _)| text)
    }
}

fn run_up(scratch: &mut Sqlite, set: &MigrationSet, to: Version, options: ScriptOptions<'_>) -> Result<()> {
    let up = UpOptions { to: Some(to), ..UpOptions::of(options.run_id) };
    let run = scratch.migrate_up(set, &up, options.job.quietly());
    run.error.map_or(Ok(()), |error| Err(error.note("it ran on a shadow database, to try the script")))
}
