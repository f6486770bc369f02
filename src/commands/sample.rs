//! `planctl sample load`: rows to try things on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Context, counted};
use crate::audit::Ledger;
use crate::base::error::{ErrorKind, Result};
use crate::base::escape::shell_word;
use crate::base::source::SourceFile;
use crate::engine::{self, Access, DatabaseName, LoadOptions, Loaded, OpenOptions, SampleRows};
use crate::report::wire::rows::{self, Plans, RootValues};
use crate::report::{Cell, Report, Span, Style};
use crate::sample::{Asked, Census, Field, PlanTable, Roots, Shape};

/// What `sample load` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SampleRequest {
    /// The database file.
    pub db: DatabaseName,
    /// Where the rows come from.
    pub from: SampleFrom,
    /// Load beside rows that are there already.
    pub append: bool,
    /// Report what would be loaded, and load nothing.
    pub dry_run: bool,
    /// How long to wait for a lock that another process holds.
    pub lock_timeout: Duration,
}

/// Where the rows come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SampleFrom {
    /// The `sample.sql` beside the specification.
    Spec(PathBuf),
    /// Generated plans.
    Plans {
        /// What they are to look like.
        asked: Asked,
        /// The ledger, which knows the live names.
        deviations: Option<PathBuf>,
    },
}

/// The file of sample rows, beside the specification.
pub const FILE: &str = "sample.sql";

/// Loads the rows, all or none.
///
/// # Errors
/// Those of [`engine::Engine::load_sample`], of opening the database and of reading file and ledger; `Usage` for a shape
/// that cannot be.
pub fn run(ctx: &mut Context<'_>, request: &SampleRequest) -> Result<Report> {
    match &request.from {
        SampleFrom::Spec(spec) => {
            let file = sample_file(spec)?;
            let loaded = load(ctx, request, SampleRows::Script(&file))?;
            let mut report = report(request, &loaded, Some(file.path()), None);
            conclude(&mut report, request, &loaded);
            Ok(report)
        }
        SampleFrom::Plans { asked, deviations } => {
            let shape = Shape::new(asked)?;
            let table = live_table(deviations.as_deref())?;
            let loaded = load(ctx, request, SampleRows::Plans { table: &table, shape: &shape })?;
            let census = loaded.census.unwrap_or_default();
            let mut report = report(request, &loaded, None, Some(wire(&census, &shape)));
            show(&mut report, &census, &table);
            conclude(&mut report, request, &loaded);
            advise(&mut report, &census, &shape, &table);
            Ok(report)
        }
    }
}

fn load(ctx: &mut Context<'_>, request: &SampleRequest, rows: SampleRows<'_>) -> Result<Loaded> {
    let access = if request.dry_run { Access::ReadOnly } else { Access::ReadWrite { create: false } };
    let mut engine =
        engine::open(&request.db, access, OpenOptions { lock_timeout: request.lock_timeout }, ctx.job)?;
    let options = LoadOptions { append: request.append, dry_run: request.dry_run };
    engine.load_sample(rows, options, ctx.job)
}

fn sample_file(spec: &Path) -> Result<SourceFile> {
    let path = spec.with_file_name(FILE);
    let is_there = path.exists();
    SourceFile::read(path).map_err(|error| match error.kind() {
        ErrorKind::File if !is_there => error
            .note(format!("sample rows are in the {FILE} beside the spec, {}", spec.display()))
            .help("write one with INSERT statements, or name the spec with --spec"),
        _ => error,
    })
}

/// The table of plans under its live names.
fn live_table(deviations: Option<&Path>) -> Result<PlanTable> {
    let ledger = match deviations {
        Some(path) => Ledger::parse(&SourceFile::read(path)?)?,
        None => Ledger::default(),
    };
    Ok(PlanTable::live(|table, column| {
        let renamed = ledger.renames.iter().find(|rename| {
            let same_column = match (&rename.column, column) {
                (Some(renamed), Some(column)) => renamed == column,
                (renamed, column) => renamed.is_none() && column.is_none(),
            };
            rename.table == *table && same_column
        });
        renamed.map(|rename| rename.live.as_str().to_owned())
    }))
}

fn report(request: &SampleRequest, loaded: &Loaded, source: Option<&Path>, plans: Option<Plans>) -> Report {
    let rows: u64 = loaded.tables.iter().map(|(_, rows)| rows).sum();
    let table = |(table, rows): &(String, u64)| rows::Loaded { table: table.clone(), rows: *rows };
    let sample = rows::Sample {
        database: request.db.display().to_string(),
        source: source.map(|path| path.display().to_string()),
        rows,
        tables: loaded.tables.iter().map(table).collect(),
        plans,
        dry_run: request.dry_run,
    };
    let mut report = Report { body: Some(sample.into()), ..Report::new("sample load") };
    if loaded.census.is_none() {
        let row = |(table, rows): &(String, u64)| vec![Cell::from(table.as_str()), Cell::count(rows)];
        report.document.table(&["table", "rows"], loaded.tables.iter().map(row).collect());
    }
    report
}

fn wire(census: &Census, shape: &Shape) -> Plans {
    Plans {
        roots: census.roots,
        depth: census.depth,
        fan_out: shape.fan_out(),
        orphans: census.orphans,
        cycles: census.cycles,
        cycle_rows: census.cycle_rows,
        seed: shape.seed(),
        root_values: match shape.roots() {
            Roots::True => RootValues::True,
            Roots::None => RootValues::None,
            Roots::Own => RootValues::Own,
            Roots::Parent => RootValues::Parent,
        },
    }
}

fn show(report: &mut Report, census: &Census, table: &PlanTable) {
    let counts = [
        ("plans", census.plans),
        ("roots", census.roots),
        ("levels of the deepest tree", census.depth),
        ("orphans", census.orphans),
        ("cycles", census.cycles),
        ("plans on cycles", census.cycle_rows),
    ];
    let row = |(what, count): (&str, u64)| vec![Cell::from(what), Cell::count(count)];
    report.document.table(&[&table.name, "count"], counts.into_iter().map(row).collect());
}

fn conclude(report: &mut Report, request: &SampleRequest, loaded: &Loaded) {
    let rows: u64 = loaded.tables.iter().map(|(_, rows)| rows).sum();
    let rows = counted(rows, "row");
    let db = request.db.display();
    let text = if request.dry_run {
        format!("dry run: {rows} would be loaded into {db}")
    } else {
        format!("{rows} loaded into {db}")
    };
    report.document.line(Span::new(text, Style::Good));
}

/// What is wrong with the rows on purpose, and which command sees it.
fn advise(report: &mut Report, census: &Census, shape: &Shape, table: &PlanTable) {
    if census.orphans > 0 {
        report.document.line(Span::new(
            "orphans refer to a parent that does not exist: `planctl audit --data` names them; later migrations are not blamed for them",
            Style::Warning,
        ));
    }
    if shape.roots() != Roots::True || census.orphans + census.cycles > 0 {
        let column = |field| table.column(field);
        report.document.line(Span::new(
            format!(
                "try `planctl backfill --table {} --id {} --parent {} --root {} --recompute --dry-run`",
                shell_word(&table.name),
                shell_word(column(Field::Id)),
                shell_word(column(Field::Parent)),
                shell_word(column(Field::Root))
            ),
            Style::Dim,
        ));
    }
}
