//! Hrana over HTTP, version 2: the protocol of libSQL's servers
//! (<https://github.com/tursodatabase/libsql/blob/main/docs/HTTP_V2_SPEC.md>).

use std::fs::File;
use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rusqlite::types::Value;
use serde::Deserialize;
use serde_json::json;

use super::http::{Failed, Http};
use super::{Answer, Asked, TableOfValues, TakeRow, Transport, Written};
use crate::base::error::{Error, Result};
use crate::base::job::Job;
use crate::queries;

/// A libSQL server.
pub(crate) struct Hrana(pub(crate) Http);

#[derive(Deserialize)]
struct Response {
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Outcome {
    Ok { response: Done },
    Error { error: Refused },
}

#[derive(Deserialize)]
struct Refused {
    message: String,
    #[serde(default)]
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Done {
    Execute {
        result: Rows,
    },
    Batch {
        result: Steps,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Steps {
    step_results: Vec<Option<Rows>>,
    step_errors: Vec<Option<Refused>>,
}

#[derive(Deserialize)]
struct Rows {
    cols: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    #[serde(default)]
    affected_row_count: u64,
}

#[derive(Deserialize)]
struct Column {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Cell {
    Null,
    Integer { value: String },
    Float { value: f64 },
    Text { value: String },
    Blob { base64: String },
}

/// A line of the answer to a cursor.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    StepBegin {
        step: usize,
    },
    StepEnd,
    StepError {
        error: Refused,
    },
    Row {
        row: Vec<Cell>,
    },
    Error {
        error: Refused,
    },
    #[serde(other)]
    Other,
}

impl Cell {
    fn shown(&self) -> String {
        match self {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer { value } | Cell::Text { value } => value.clone(),
            Cell::Float { value } => value.to_string(),
            Cell::Blob { .. } => "(blob)".to_owned(),
        }
    }
}

impl Transport for Hrana {
    fn read(&self, statements: &[&str], job: Job<'_>) -> Result<Vec<Answer>> {
        let execute = |sql: &str| json!({"type": "execute", "stmt": {"sql": sql}});
        // One transaction: what is read is of one moment.
        let all = ["BEGIN"].into_iter().chain(statements.iter().copied()).chain(["COMMIT"]).map(execute);
        let requests: Vec<serde_json::Value> = all.chain([json!({"type": "close"})]).collect();
        let results = self.0.read("/v2/pipeline", &json!({"requests": requests}), job, |answer| {
            self.understood(answer).map_err(Failed::Other)
        })?;
        results.into_iter().skip(1).take(statements.len()).map(|outcome| self.answered(outcome)).collect()
    }

    fn rows(&self, asked: &[Asked<'_>], take: &mut TakeRow<'_>, job: Job<'_>) -> Result<Result<(), String>> {
        let first = json!({"stmt": {"sql": "BEGIN"}});
        let last = json!({"stmt": {"sql": "COMMIT"}});
        let steps: Vec<serde_json::Value> =
            [first].into_iter().chain(asked.iter().map(step)).chain([last]).collect();
        let (mut at, mut ended, mut refused) = (0, 0, None);
        let mut understand = |line: &str| -> Result<ControlFlow<()>> {
            // The first line is about the stream.
            let line =
                if line.starts_with("{\"baton\"") { Ok(Line::Other) } else { serde_json::from_str(line) };
            match line.map_err(|error| self.trouble("the answer is not libSQL's").caused_by(error))? {
                Line::StepBegin { step } => at = step,
                Line::StepEnd => ended += 1,
                Line::Row { row } => {
                    let row: Option<Vec<Value>> = row.into_iter().map(value).collect();
                    let row = row.ok_or_else(|| self.trouble("the answer contains an invalid value"))?;
                    if let Some(at) = at.checked_sub(1).filter(|at| *at < asked.len()) {
                        return take(at, row);
                    }
                }
                Line::StepError { error } | Line::Error { error } => {
                    refused = Some(said(&error.message));
                    return Ok(ControlFlow::Break(()));
                }
                Line::Other => {}
            }
            Ok(ControlFlow::Continue(()))
        };
        let is_whole =
            self.0.lines("/v3/cursor", &json!({"batch": {"steps": steps}}), job, &mut understand)?;
        match refused {
            Some(message) => Ok(Err(message)),
            None if is_whole && ended < asked.len() + 2 => Err(self.trouble("the answer is not complete")),
            None => Ok(Ok(())),
        }
    }

    fn write(&self, statements: &[&str], _: Job<'_>) -> Result<Written, Failed> {
        let first = BEGIN.len();
        let all: Vec<&str> = BEGIN.into_iter().chain(statements.iter().copied()).chain(["COMMIT"]).collect();
        let last = all.len() - 1;
        let step = |(at, sql): (usize, &&str)| match at.checked_sub(1) {
            Some(before) => json!({"stmt": {"sql": sql}, "condition": {"type": "ok", "step": before}}),
            None => json!({"stmt": {"sql": sql}}),
        };
        let mut steps: Vec<serde_json::Value> = all.iter().enumerate().map(step).collect();
        let not_committed = json!({"type": "not", "cond": {"type": "ok", "step": last}});
        steps.push(json!({"stmt": {"sql": "ROLLBACK"}, "condition": not_committed}));
        let batch = json!({"type": "batch", "batch": {"steps": steps}});
        let result = match self.pipeline(&[batch])?.into_iter().next() {
            Some(Outcome::Ok { response: Done::Batch { result } }) => result,
            Some(Outcome::Error { error }) => return self.unparsed(statements, &error.message),
            _ => return Err(Failed::Lost(self.trouble("the answer is not complete"))),
        };
        let refused = result.step_errors.iter().position(Option::is_some).filter(|at| *at <= last);
        let rows = |at: usize| result.step_results.get(at).and_then(Option::as_ref);
        if let Some((at, error)) = refused.and_then(|at| Some((at, result.step_errors.get(at)?.as_ref()?))) {
            let said = said(&error.message);
            if error.code.as_deref() == Some("SQLITE_BUSY") {
                return Ok(Written::Busy(said));
            }
            // In front of a check: what it stumbles over, and the table that is made for it.
            let shown = at.checked_sub(2).and_then(rows).map(|rows| rows.rows.as_slice()).unwrap_or_default();
            let shown = shown.iter().map(|row| row.iter().map(Cell::shown).collect::<Vec<_>>().join(" | "));
            return Ok(Written::Refused { at: at.checked_sub(first), said, shown: shown.collect() });
        }
        let counts: Option<Vec<u64>> =
            (first..last).map(|at| rows(at).map(|rows| rows.affected_row_count)).collect();
        match counts.filter(|_| rows(last).is_some()) {
            Some(counts) => Ok(Written::Done(counts)),
            None => Err(Failed::Lost(self.trouble("the answer is not complete"))),
        }
    }

    fn copy(&self, _: File) -> Option<Result<(), Failed>> {
        None
    }

    fn trouble(&self, what: &str) -> Error {
        self.0.trouble(what)
    }
}

/// What stands before the statements that are to run all or none. It counts for this stream alone.
const BEGIN: [&str; 2] = ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"];

/// SQLite's words, without libSQL's around them.
fn said(message: &str) -> String {
    let words = ["SQLite error: ", "SQL string could not be parsed: ", "SQL input error: "];
    let said = words.into_iter().fold(message, |said, words| said.strip_prefix(words).unwrap_or(said));
    said.rsplit_once(" (at offset ").map_or(said, |(said, _)| said).to_owned()
}

impl Hrana {
    /// Makes requests in a stream of their own; what came of each.
    fn pipeline(&self, requests: &[serde_json::Value]) -> Result<Vec<Outcome>, Failed> {
        let close = json!({"type": "close"});
        let requests: Vec<&serde_json::Value> = requests.iter().chain([&close]).collect();
        let answer = self.0.post("/v2/pipeline", &json!({"requests": requests}))?;
        self.understood(answer).map_err(Failed::Lost)
    }

    /// What came of each request.
    fn understood(&self, answer: serde_json::Value) -> Result<Vec<Outcome>> {
        let response: Response = serde_json::from_value(answer)
            .map_err(|error| self.0.other_program("the answer is not libSQL's").caused_by(error))?;
        Ok(response.results)
    }

    /// Which of the statements libSQL's own parser refuses: it reads all of them before the first one runs, and does not
    /// say which. Each is sent once more, so that it is read and does not run.
    fn unparsed(&self, statements: &[&str], message: &str) -> Result<Written, Failed> {
        let never = json!({"type": "not", "cond": {"type": "ok", "step": 0}});
        let read = |sql: &&str| {
            let steps = json!([{"stmt": {"sql": "SELECT 1"}}, {"stmt": {"sql": sql}, "condition": never}]);
            json!({"type": "batch", "batch": {"steps": steps}})
        };
        let requests: Vec<serde_json::Value> = statements.iter().map(read).collect();
        let outcomes = self.pipeline(&requests)?;
        let at = outcomes.iter().position(|outcome| matches!(outcome, Outcome::Error { .. }));
        Ok(Written::Refused { at, said: said(message), shown: Vec::new() })
    }

    fn answered(&self, outcome: Outcome) -> Result<Answer> {
        let result = match outcome {
            Outcome::Error { error } => return Ok(Err(said(&error.message))),
            Outcome::Ok { response: Done::Batch { .. } | Done::Other } => {
                return Ok(Ok(TableOfValues::default()));
            }
            Outcome::Ok { response: Done::Execute { result } } => result,
        };
        let columns = result.cols.into_iter().map(|column| column.name.unwrap_or_default()).collect();
        let row = |row: Vec<Cell>| row.into_iter().map(value).collect::<Option<Vec<Value>>>();
        let rows: Option<Vec<_>> = result.rows.into_iter().map(row).collect();
        let rows = rows.ok_or_else(|| self.0.trouble("the answer contains an invalid value"))?;
        Ok(Ok(TableOfValues { columns, rows }))
    }
}

/// A step of a cursor.
fn step(asked: &Asked<'_>) -> serde_json::Value {
    let values: Vec<serde_json::Value> =
        asked.values.iter().map(|bound| json!({"name": bound.name, "value": cell(&bound.value)})).collect();
    json!({"stmt": {"sql": asked.sql, "named_args": values}})
}

/// A parameter's value.
fn cell(value: &queries::Value<'_>) -> serde_json::Value {
    match value {
        queries::Value::Null => json!({"type": "null"}),
        queries::Value::Integer(number) => json!({"type": "integer", "value": number.to_string()}),
        queries::Value::Real(number) => json!({"type": "float", "value": number}),
        queries::Value::Text(text) => json!({"type": "text", "value": text}),
        queries::Value::Blob(bytes) => json!({"type": "blob", "base64": STANDARD_NO_PAD.encode(bytes)}),
    }
}

fn value(cell: Cell) -> Option<Value> {
    Some(match cell {
        Cell::Null => Value::Null,
        Cell::Integer { value } => Value::Integer(value.parse().ok()?),
        Cell::Float { value } => Value::Real(value),
        Cell::Text { value } => Value::Text(value),
        Cell::Blob { base64 } => Value::Blob(STANDARD_NO_PAD.decode(base64.trim_end_matches('=')).ok()?),
    })
}
