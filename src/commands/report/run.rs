//! `planctl report run`: the rows of a report.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::error::Result;
use crate::base::words::{beginning, thousands};
use crate::commands::{Context, counted};
use crate::engine::{self, Access, DatabaseName, OpenOptions};
use crate::queries::{self, Bound, Query, Rows, Value};
use crate::report::wire::rows::RunReport;
use crate::report::{Block, Cell, Head, Report, RowSink, Share, Span, Style};

/// What `report run` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunRequest {
    /// The database file.
    pub db: DatabaseName,
    /// The folder of reports.
    pub reports: PathBuf,
    /// The report's name.
    pub name: String,
    /// What its parameters are given, each as `name=value`.
    pub parameters: Vec<String>,
    /// How long to wait for a lock that another process holds.
    pub lock_timeout: Duration,
}

/// How many rows are kept for formats that have to see them all before they write the first.
const KEPT: usize = 1_000;

/// How many characters of a value are shown in those formats. Laying out a megabyte takes minutes.
const SHOWN: usize = 4_000;

const COMMAND: &str = "report run";

/// Runs a report on the database, which is opened for reading only. Its rows go to `sink` as they come; without one, the
/// first of them are in the report.
///
/// # Errors
/// `Usage` when there is no such report, or its parameters are wrong; those of opening the database and of
/// [`engine::Engine::run_query`]. With rows that are written as they come, some may have been.
pub fn run(ctx: &mut Context<'_>, request: &RunRequest, sink: Option<&mut dyn RowSink>) -> Result<Report> {
    let query = queries::find(&request.reports, &request.name)?;
    let values = queries::bind(&query, &request.parameters, ctx.started)?;
    let options = OpenOptions { lock_timeout: request.lock_timeout };
    let mut engine = engine::open(&request.db, Access::ReadOnly, options, ctx.job)?;
    if let Some(sink) = sink {
        let mut sent = Sent { sink, report: Some(head(&query, &values, request)) };
        engine.run_query(&query, &values, &mut sent, ctx.job)?;
        return Ok(Report::new(COMMAND));
    }
    let mut kept = Kept::default();
    engine.run_query(&query, &values, &mut kept, ctx.job)?;
    let mut report = Report::new(COMMAND);
    show(&mut report, &query, &values, kept);
    Ok(report)
}

fn head(query: &Query, values: &[Bound], request: &RunRequest) -> RunReport {
    RunReport {
        report: query.name.clone(),
        title: query.title.clone(),
        database: request.db.display().to_string(),
        parameters: values.iter().map(|bound| (bound.name.clone(), wire(&bound.value))).collect(),
    }
}

fn wire(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(_) | Value::Blob(_) => value.text().into(),
    }
}

/// Hands rows on to where they are written.
struct Sent<'a> {
    sink: &'a mut dyn RowSink,
    report: Option<RunReport>,
}

impl Rows for Sent<'_> {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        let report = self.report.take().unwrap_or_default();
        self.sink.begin(Head { command: COMMAND, report, columns: names.to_vec() })
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<ControlFlow<()>> {
        self.sink.row(values)
    }
}

/// The first rows as a person reads them, and how many there are.
#[derive(Default)]
struct Kept {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// The numbers in the column that is drawn.
    numbers: Vec<Vec<Option<f64>>>,
    count: usize,
}

impl Rows for Kept {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.columns = names.to_vec();
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<ControlFlow<()>> {
        self.count += 1;
        if self.rows.len() < KEPT {
            self.rows.push(values.iter().map(cell).collect());
            self.numbers.push(values.iter().map(number).collect());
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn cell(value: &Value<'_>) -> Cell {
    match value {
        Value::Null => Span::new("NULL", Style::Dim).into(),
        Value::Integer(_) | Value::Real(_) => Cell::number(value.text()),
        Value::Text(_) | Value::Blob(_) => abridged(&value.text()).into(),
    }
}

/// The beginning of a text that nobody reads in a table, and how long it is.
fn abridged(text: &str) -> String {
    match beginning(text, SHOWN) {
        Some(first) => format!("{first} … ({} bytes)", text.len()),
        None => text.to_owned(),
    }
}

fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        Value::Null | Value::Text(_) | Value::Blob(_) => None,
    }
}

fn show(report: &mut Report, query: &Query, values: &[Bound], kept: Kept) {
    let Kept { columns, mut rows, numbers, count } = kept;
    let bars = bars(query, &columns, &numbers);
    let document = &mut report.document;
    document.heading(query.title.as_str());
    let kept = rows.len();
    align(&mut rows, columns.len());
    if kept > 0 {
        document.blocks.push(Block::Rows { header: columns, rows, bars });
    }
    let mut footer = match count {
        0 => "no rows".to_owned(),
        _ if count > kept => {
            format!(
                "first {} of {} rows; --format csv and --format json write them all",
                thousands(kept),
                thousands(count)
            )
        }
        _ => counted(count, "row"),
    };
    for (at, bound) in values.iter().enumerate() {
        footer.push_str(if at == 0 { " with " } else { ", " });
        footer.push_str(&format!("{}={}", bound.name, bound.value.text()));
    }
    document.line(Span::new(footer, Style::Dim));
}

/// NULL stands where the numbers of its column stand.
fn align(rows: &mut [Vec<Cell>], columns: usize) {
    let is_null = |cell: &Cell| *cell == self::cell(&Value::Null);
    for at in 0..columns {
        let mut cells = rows.iter().filter_map(|row| row.get(at));
        if cells.clone().any(|cell| cell.number) && cells.all(|cell| cell.number || is_null(cell)) {
            rows.iter_mut().filter_map(|row| row.get_mut(at)).for_each(|cell| cell.number = true);
        }
    }
}

fn bars(query: &Query, columns: &[String], numbers: &[Vec<Option<f64>>]) -> Vec<Share> {
    let Some(bar) = &query.bar else { return Vec::new() };
    let Some(at) = columns.iter().position(|column| *column == bar.column) else { return Vec::new() };
    let numbers: Vec<Option<f64>> = numbers
        .iter()
        .map(|row| row.get(at).copied().flatten().filter(|number| number.is_finite()))
        .collect();
    let largest = numbers.iter().copied().flatten().fold(0.0, f64::max);
    let whole = bar.of.unwrap_or(largest);
    numbers.into_iter().map(|number| Share::of(number, whole)).collect()
}
