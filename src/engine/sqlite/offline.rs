//! Scripts that the plain `sqlite3` shell runs to the same end as a run of ours, made without the database.
//!
//! What a run looks up, the script looks up; what a run refuses, the script refuses: a statement that must not find
//! anything is an INSERT into a table whose CHECK is called like the reason, and `.bail on` ends the shell at the first
//! error. All of it is one transaction, so that a script that was stopped can be run again.
//!
//! The migrations run on a scratch database while the script is made: it holds nothing that was not tried, and the
//! fingerprints of the schemas between them.

mod data_step;
mod shell;
mod statistics;

use std::time::Duration;

use ulid::Ulid;

use self::shell::Shell;
pub(in crate::engine) use self::statistics::around as statistics_around;
use super::fingerprint::Fingerprint;
use super::migrate::stored_down;
use super::statistics::Endangered;
use super::{Sqlite, history};
use crate::engine::{DownOptions, DownTarget, Engine, UpOptions, plan_down, plan_up};
use crate::error::{Error, ErrorKind, Result};
use crate::migrations::{Migration, MigrationSet, Step, Version, VersionWidth, steps};
use crate::progress::{Interrupt, Silent};
use crate::source::SourceFile;
use crate::sql::quote_string;

/// What counts in [`SCHEMA_MARK`] and in the fingerprint.
const OURS: &str = "substr(lower(name), 1, 7) <> 'sqlite_' AND substr(lower(tbl_name), 1, 7) <> 'sqlite_' \
     AND lower(name) NOT IN ('refinery_schema_history', 'planctl_migrations') \
     AND lower(tbl_name) NOT IN ('refinery_schema_history', 'planctl_migrations')";

/// Everything besides the files that a script depends on.
#[derive(Clone, Copy, Debug)]
pub struct ScriptOptions<'a> {
    /// The run, as the script records it in the database.
    pub run_id: Ulid,
    /// How long the shell waits for a lock.
    pub lock_timeout: Duration,
    /// Stops the making.
    pub interrupt: &'a Interrupt,
}

/// The script that applies the migrations above `from` up to `to`, or all, to a database that is at version `from`.
///
/// # Errors
/// `Usage` when no migration has one of the versions; what the migrations fail with on a scratch database.
pub(crate) fn up(
    set: &MigrationSet,
    from: Version,
    to: Option<Version>,
    options: ScriptOptions<'_>,
) -> Result<String> {
    let mut maker = Maker::at(set, from, options)?;
    let plan: Vec<Migration> =
        plan_up(set, &maker.scratch.plain_history()?, to)?.into_iter().cloned().collect();
    let title =
        format!("migrate up from version {from} to {}", plan.last().map_or(from, |file| file.version));
    maker.begin(&title, from, plan.iter().map(|file| &file.up))?;
    for file in &plan {
        maker.apply(file)?;
    }
    Ok(maker.end())
}

/// The script that takes migrations back from a database that is at version `from`, else at the newest one. The down
/// scripts are those of the files; unless `from_files`, the script stops where the database has stored another one.
///
/// # Errors
/// As [`up`], and those of a down that is missing.
pub(crate) fn down(
    set: &MigrationSet,
    from: Option<Version>,
    down: DownOptions,
    options: ScriptOptions<'_>,
) -> Result<String> {
    let newest = set.migrations.last().map_or(0, |newest| newest.version);
    let from = from.unwrap_or(newest);
    let mut maker = Maker::at(set, from, options)?;
    let plan = plan_down(set, &maker.scratch.full_history()?, down.target, true)?;
    let title = match plan.last() {
        Some(last) => {
            format!("migrate down from version {from}, the last one taken back is {}", last.version)
        }
        None => format!("migrate down from version {from}: nothing to do"),
    };
    maker.begin(&title, from, plan.iter().map(|step| &step.script))?;
    for step in &plan {
        let file = set.get(step.version).ok_or_else(|| unknown(set, step.version))?;
        maker.take_back(file, &step.script, down.from_files)?;
    }
    Ok(maker.end())
}

fn unreadable(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::Database, "the scratch database cannot be read").caused_by(error)
}

fn unknown(set: &MigrationSet, version: Version) -> Error {
    Error::new(ErrorKind::Usage, format!("no migration in {} has version {version}", set.dir.display()))
}

/// Writes a script, and keeps a scratch database in step with it.
struct Maker<'a> {
    set: &'a MigrationSet,
    options: ScriptOptions<'a>,
    scratch: Sqlite,
    sql: Shell,
    /// Whether any of the files drops or renames a table.
    keeps_statistics: bool,
}

impl<'a> Maker<'a> {
    fn at(set: &'a MigrationSet, from: Version, options: ScriptOptions<'a>) -> Result<Maker<'a>> {
        let (scratch, sql) = (Sqlite::scratch()?, Shell::default());
        let mut maker = Maker { set, options, scratch, sql, keeps_statistics: false };
        if from != 0 {
            if set.get(from).is_none() {
                return Err(unknown(set, from));
            }
            maker.run_up(from)?;
        }
        Ok(maker)
    }

    fn run_up(&mut self, to: Version) -> Result<()> {
        let up = UpOptions { to: Some(to), run_id: self.options.run_id };
        let run = self.scratch.migrate_up(self.set, &up, &mut Silent, self.options.interrupt);
        run.error.map_or(Ok(()), |error| Err(error.note("it ran on a scratch database, to try the script")))
    }

    fn begin<'f>(
        &mut self,
        title: &str,
        from: Version,
        files: impl Iterator<Item = &'f SourceFile>,
    ) -> Result<()> {
        for file in files {
            self.keeps_statistics |= !Endangered::by(&steps(file)?).is_empty();
        }
        let sql = &mut self.sql;
        sql.line(&format!("-- planctl {}: {title}", env!("CARGO_PKG_VERSION")));
        sql.line("-- Run it with the sqlite3 shell: sqlite3 -batch DATABASE < FILE");
        sql.line("-- It is one transaction: where a statement fails, nothing of it stays.");
        sql.line(".bail on");
        sql.line(&format!(".timeout {}", self.options.lock_timeout.as_millis()));
        sql.statement("PRAGMA foreign_keys = OFF");
        for setting in shell::SETTINGS {
            sql.statement(setting.reset);
        }
        if self.keeps_statistics {
            statistics::begin(sql);
        }
        sql.statement("BEGIN IMMEDIATE");
        sql.statement(&history::create_history());
        sql.statement(history::CREATE_RECORDS);
        sql.statement(
            "CREATE TEMP TABLE planctl_width AS SELECT lower(type) IN ('int8', 'bigint') AS wide \
             FROM pragma_table_info('refinery_schema_history') WHERE lower(name) = 'version'",
        );
        self.check_state(from);
        self.sql.statement(&format!("CREATE TEMP TABLE planctl_violations AS {VIOLATIONS}"));
        Ok(())
    }

    /// The history must be that of the files up to `from`, and nothing else.
    fn check_state(&mut self, from: Version) {
        let files: Vec<&Migration> = self.set.migrations.iter().filter(|file| file.version <= from).collect();
        let reason = format!("the history of the database is not that of the files up to version {from}");
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

    /// What a file endangers of what ANALYZE found; the scratch database is as before the file.
    fn statistics(&self, file: &SourceFile) -> Result<statistics::Before> {
        statistics::Before::read(&self.scratch.conn, &steps(file)?).map_err(unreadable)
    }

    fn apply(&mut self, file: &Migration) -> Result<()> {
        let before = self.schema()?;
        let statistics = self.statistics(&file.up)?;
        self.run_up(file.version)?;
        let after = self.schema()?;
        self.sql.line(&format!("\n-- {}", file.label()));
        self.sql.statement(&format!(
            "CREATE TEMP TABLE planctl_migration AS SELECT julianday('now') AS started, {before} AS schema_before"
        ));
        self.sql.statement("CREATE TEMP TABLE planctl_backfilled(name TEXT, rows INTEGER, first TEXT)");
        let has_data_steps = self.script(&file.up, &statistics)?;
        let (narrow, wide) = checksums(file);
        let (version, name) = (file.version, quote_string(&file.name));
        self.sql.statement(&format!(
            "INSERT INTO main.refinery_schema_history(version, name, applied_on, checksum)\n\
             SELECT {version}, {name}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), \
             CASE WHEN wide THEN '{wide}' ELSE '{narrow}' END FROM temp.planctl_width"
        ));
        let down = stored_down(file);
        let down_sql = down.as_ref().map_or("NULL".to_owned(), |down| shell::literal(&down.sql));
        let down_sum = down.map_or("NULL".to_owned(), |down| format!("'{}'", down.checksum));
        // Only a script with data steps needs SQLite's JSON functions.
        let backfilled = if has_data_steps {
            "(SELECT nullif(json_group_array(json_object('table', name, 'rows', rows, 'first', json(first))), '[]') \
             FROM temp.planctl_backfilled WHERE rows > 0)"
        } else {
            "NULL"
        };
        self.sql.statement(&format!(
            "INSERT OR REPLACE INTO main.planctl_migrations(version, applied_on, checksum, run_id, took_ms, \
             rows_backfilled, backfilled, down_sql, down_checksum, schema_before, schema_after)\n\
             SELECT h.version, h.applied_on, h.checksum, '{run}', \
             CAST(round((julianday('now') - m.started) * 86400000) AS INTEGER), \
             (SELECT coalesce(sum(rows), 0) FROM temp.planctl_backfilled), {backfilled},\n\
             {down_sql}, {down_sum}, m.schema_before, {after}\n\
             FROM main.refinery_schema_history h, temp.planctl_migration m WHERE h.version = {version}",
            run = self.options.run_id
        ));
        self.sql.statement("DROP TABLE temp.planctl_migration");
        self.sql.statement("DROP TABLE temp.planctl_backfilled");
        self.check_foreign_keys(&file.label());
        Ok(())
    }

    fn take_back(&mut self, file: &Migration, script: &SourceFile, from_files: bool) -> Result<()> {
        let down = DownOptions { target: DownTarget::Steps(1), from_files: true };
        let statistics = self.statistics(script)?;
        let run = self.scratch.migrate_down(self.set, &down, &mut Silent, self.options.interrupt);
        if let Some(error) = run.error {
            return Err(error.note("it ran on a scratch database, to try the script"));
        }
        let after = self.schema()?;
        let (label, version) = (file.label(), file.version);
        self.sql.line(&format!("\n-- {label}, down"));
        if let Some(down) = stored_down(file).filter(|_| !from_files) {
            self.sql.check(
                &format!("the database has another down script for {label} than the file"),
                &format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM main.planctl_migrations WHERE version = {version} \
                     AND down_checksum <> '{}')",
                    down.checksum
                ),
            );
        }
        self.sql.statement("CREATE TEMP TABLE planctl_backfilled(name TEXT, rows INTEGER, first TEXT)");
        self.script(script, &statistics)?;
        self.sql.statement("DROP TABLE temp.planctl_backfilled");
        for table in [history::HISTORY, history::RECORDS] {
            self.sql.statement(&format!("DELETE FROM main.{table} WHERE version = {version}"));
        }
        self.sql.statement(&format!(
            "UPDATE main.planctl_migrations SET schema_after = {after}\n\
             WHERE version = (SELECT max(version) FROM main.refinery_schema_history)"
        ));
        self.check_foreign_keys(&label);
        Ok(())
    }

    /// The statements and data steps of a file, and what sets the connection back afterwards.
    fn script(&mut self, file: &SourceFile, statistics: &statistics::Before) -> Result<bool> {
        let mut has_data_steps = false;
        let steps = steps(file)?;
        let keeping = statistics.kept(&self.scratch.conn).map_err(unreadable)?;
        keeping.before(&mut self.sql);
        for step in &steps {
            match step {
                Step::Sql { text, .. } => self.sql.verbatim(text),
                Step::Backfill { spec, .. } => {
                    has_data_steps = true;
                    data_step::write(&mut self.sql, spec);
                }
            }
        }
        keeping.after(&mut self.sql);
        for statement in shell::cleaning(&steps) {
            self.sql.statement(&statement);
        }
        Ok(has_data_steps)
    }

    /// An expression for the fingerprint of the schema that the scratch database has now, where the live one looks like
    /// it: as many objects with texts as long. Any other schema has no fingerprint that could be known here.
    fn schema(&mut self) -> Result<String> {
        let mark = format!(
            "(SELECT count(*) || ':' || coalesce(sum(length(type) + length(name) + length(tbl_name) + \
             length(coalesce(sql, ''))), 0) FROM main.sqlite_master WHERE {OURS})"
        );
        let conn = &self.scratch.conn;
        let fingerprint = Fingerprint::read(conn).map_err(unreadable)?;
        let found: String =
            conn.query_row(&format!("SELECT {mark}"), [], |row| row.get(0)).map_err(unreadable)?;
        Ok(format!("CASE WHEN {mark} = '{found}' THEN '{fingerprint}' ELSE '' END"))
    }

    /// Violations that were not there before end the script; they are shown first.
    fn check_foreign_keys(&mut self, label: &str) {
        let sql = &mut self.sql;
        sql.statement(&format!("CREATE TEMP TABLE planctl_violations_now AS {VIOLATIONS}"));
        let new = "SELECT 1 FROM temp.planctl_violations_now n WHERE n.rows > coalesce((SELECT o.rows FROM \
                   temp.planctl_violations o WHERE o.child = n.child AND o.parent = n.parent), 0)";
        sql.statement(&format!(
            "SELECT 'no parent in ' || parent || ': row ' || coalesce(rowid, '?') || ' of ' || \"table\" \
             FROM pragma_foreign_key_check WHERE EXISTS ({new}) LIMIT 50"
        ));
        sql.check(
            &format!("{label} leaves rows without their parents"),
            &format!("SELECT NOT EXISTS ({new})"),
        );
        sql.statement("DROP TABLE temp.planctl_violations");
        sql.statement("ALTER TABLE temp.planctl_violations_now RENAME TO planctl_violations");
    }

    fn end(mut self) -> String {
        self.sql.line("");
        self.sql.statement("COMMIT");
        self.sql.statement("DROP TABLE temp.planctl_violations");
        self.sql.statement("DROP TABLE temp.planctl_width");
        if self.keeps_statistics {
            statistics::end(&mut self.sql);
        }
        self.sql.into_text()
    }
}

/// By child and parent, since what identifies a row may change in a rebuild.
const VIOLATIONS: &str =
    "SELECT \"table\" AS child, parent, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2";

fn checksums(file: &Migration) -> (u64, u64) {
    (file.checksum(VersionWidth::Int4), file.checksum(VersionWidth::Int8))
}
