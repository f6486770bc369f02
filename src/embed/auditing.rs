//! `planctl audit` for applications: [`Auditor`].

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;

use super::database::{IntoSource, Opened};
use crate::audit::comparison::Sides;
use crate::audit::{Audit, Ledger, Others, Subject};
use crate::base::error::{Error, FrontEnd, Result};
use crate::base::job::Job;
use crate::base::progress::{Interrupt, Observer, Silent};
use crate::base::source::SourceFile;
use crate::engine::OpenOptions;
use crate::row_checks::Unchecked;
use crate::schema::Ident;

/// A specification, and how a database is held against it. Only reads.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // As `include_str!("../spec/ddl.sql")` would give it.
/// let spec = "CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state <> ''));";
/// let auditor = planctl::Auditor::from_text("spec/ddl.sql", spec);
///
/// let conn = planctl::rusqlite::Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT); INSERT INTO plans VALUES ('a', '')")?;
/// let audit = auditor.clone().data(true).run(&conn)?.audit;
/// let found: Vec<&str> = audit.findings.iter().map(|finding| finding.message.as_str()).collect();
/// assert_eq!(found[0], "column plans.state allows NULL, the spec does not");
/// assert!(found[1..].iter().any(|message| message.contains("1 row")), "{found:?}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Auditor {
    spec: Text,
    deviations: Option<Text>,
    strict: bool,
    ignore: Vec<String>,
    data: bool,
    lock_timeout: Duration,
    interrupt: Interrupt,
}

/// A file, or what would stand in one.
#[derive(Clone, Debug)]
enum Text {
    File(PathBuf),
    Source(SourceFile),
}

/// What an audit came to.
#[derive(Debug)]
#[must_use = "it says what was found"]
#[non_exhaustive]
pub struct Audited {
    /// What was found.
    pub audit: Audit,
    /// The tables and views of others that were passed over: history tables of other tools, and [`Auditor::ignore`].
    pub ignored: Vec<Ident>,
    /// Checks of [`Auditor::data`] that could not be made, each with its reason.
    pub unchecked: Vec<Unchecked>,
}

impl Text {
    fn read(&self) -> Result<SourceFile> {
        match self {
            Text::File(path) => SourceFile::read(path),
            Text::Source(source) => Ok(source.clone()),
        }
    }
}

impl Auditor {
    /// By the DDL in a file, which is read in each [`Auditor::run`].
    pub fn from_file(spec: impl Into<PathBuf>) -> Auditor {
        Auditor::new(Text::File(spec.into()))
    }

    /// By DDL that is part of the program, as `include_str!` gives it; messages call it `name`.
    pub fn from_text(name: impl Into<PathBuf>, spec: impl AsRef<str>) -> Auditor {
        Auditor::new(Text::Source(SourceFile::new(name, spec.as_ref())))
    }

    fn new(spec: Text) -> Auditor {
        let OpenOptions { lock_timeout } = OpenOptions::default();
        let interrupt = Interrupt::new();
        let ignore = Vec::new();
        Auditor { spec, deviations: None, strict: false, ignore, data: false, lock_timeout, interrupt }
    }

    /// Holds the findings against the ledger in a file.
    #[must_use]
    pub fn deviations(mut self, file: impl Into<PathBuf>) -> Auditor {
        self.deviations = Some(Text::File(file.into()));
        self
    }

    /// Holds the findings against a ledger that is part of the program; messages call it `name`.
    #[must_use]
    pub fn deviations_from_text(mut self, name: impl Into<PathBuf>, ledger: impl AsRef<str>) -> Auditor {
        self.deviations = Some(Text::Source(SourceFile::new(name, ledger.as_ref())));
        self
    }

    /// Whether the ledger excuses nothing: then it only says which objects are the same under two names.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Auditor {
        self.strict = strict;
        self
    }

    /// Tables and views that are somebody else's, unless the spec speaks of them: patterns with `*`, `?` and `[a-z]`.
    #[must_use]
    pub fn ignore(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Auditor {
        self.ignore.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Whether the rows are checked as well.
    #[must_use]
    pub fn data(mut self, data: bool) -> Auditor {
        self.data = data;
        self
    }

    /// How long to wait for a lock that another connection holds; 30 seconds unless it is said.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Auditor {
        self.lock_timeout = timeout;
        self
    }

    /// Raising `interrupt` stops an audit; on a connection of the application's, between two statements.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Interrupt) -> Auditor {
        self.interrupt = interrupt;
        self
    }

    /// Audits.
    ///
    /// # Errors
    /// Files that cannot be read; a spec that SQLite refuses (`Sql`), a wrong ledger (`Config`), a database that cannot be
    /// read; `Interrupted`. Differences are findings, not errors.
    pub fn run<'a, How>(&self, database: impl IntoSource<'a, How>) -> Result<Audited> {
        self.run_with(database, &mut Silent)
    }

    /// [`Auditor::run`], telling `observer` what happens.
    ///
    /// # Errors
    /// As [`Auditor::run`].
    pub fn run_with<'a, How>(
        &self,
        database: impl IntoSource<'a, How>,
        observer: &mut dyn Observer,
    ) -> Result<Audited> {
        let source = database.into_source();
        let observer = RefCell::new(observer);
        let job = Job::new(&observer, &self.interrupt);
        let audited = || {
            let spec = self.spec.read()?;
            let ledger = match &self.deviations {
                Some(text) => Ledger::parse(&text.read()?)?,
                None => Ledger::default(),
            };
            self.hold_against(&spec, &ledger, source.open(self.lock_timeout, job)?, job)
        };
        audited().map_err(|error| error.told_by(FrontEnd::Library("Auditor")))
    }

    fn hold_against(
        &self,
        spec: &SourceFile,
        ledger: &Ledger,
        mut opened: Opened<'_>,
        job: Job<'_>,
    ) -> Result<Audited> {
        let live = match &mut opened {
            Opened::Engine(engine) => engine.inspect()?,
            Opened::Reader(reader) => reader.inspect()?,
        };
        let others = Others::matching(self.ignore.iter().map(String::as_str))?;
        let sides = Sides::but(&others, spec, ledger, &live, job)?;
        let today = OffsetDateTime::now_utc().date();
        let audit = sides.audit(Subject::Database, self.strict, today);
        let mut audited = Audited { audit, ignored: sides.theirs.clone(), unchecked: Vec::new() };
        if self.data {
            let (found, unchecked) = sides.values(self.strict, today, |plan| match &mut opened {
                Opened::Engine(engine) => engine.check_values(plan, job),
                Opened::Reader(reader) => reader.check_values(plan, job),
            })?;
            audited.audit.add(found, spec);
            audited.unchecked = unchecked;
        }
        Ok(audited)
    }
}

/// [`Auditor::run`] with the DDL in the file `spec` and the ledger in the file `deviations`, when there is one.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dir = tempfile::tempdir()?;
/// let spec = dir.path().join("ddl.sql");
/// std::fs::write(&spec, "CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT NOT NULL);")?;
///
/// let conn = planctl::rusqlite::Connection::open_in_memory()?;
/// conn.execute_batch("CREATE TABLE plans (id TEXT PRIMARY KEY, state TEXT);")?;
/// let audit = planctl::audit(&conn, &spec, None)?;
/// let found: Vec<&str> = audit.findings.iter().map(|finding| finding.message.as_str()).collect();
/// assert_eq!(found, ["column plans.state allows NULL, the spec does not"]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`Auditor::run`].
pub fn audit<'a, How>(
    database: impl IntoSource<'a, How>,
    spec: impl AsRef<Path>,
    deviations: Option<&Path>,
) -> Result<Audit, Error> {
    let mut auditor = Auditor::from_file(spec.as_ref());
    if let Some(file) = deviations {
        auditor = auditor.deviations(file);
    }
    Ok(auditor.run(database)?.audit)
}
