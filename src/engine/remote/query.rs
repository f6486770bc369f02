//! A named query on a server: compiled here, on its schema, so that it reads and does nothing else, and run there.

use super::database::Remote;
use super::exact::{Exact, exactly};
use super::transport::Asked;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::Engine as _;
use crate::queries::{Bound, Query, Rows, Value};

/// Runs the query; see [`crate::engine::Engine::run_query`].
pub(super) fn run(
    remote: &mut Remote,
    query: &Query,
    values: &[Bound],
    rows: &mut dyn Rows,
    job: Job<'_>,
) -> Result<()> {
    let names = remote.shadow.query_columns(query)?;
    let failed = |message: &str| Error::new(ErrorKind::Sql, message).at(query.place(0));
    rows.columns(&names)?;
    job.tell(Event::Statement { sql: query.sql() });
    let columns: Vec<String> = (0..names.len()).map(|n| format!("c{n}")).collect();
    let exact: Vec<String> = columns.iter().map(|column| exactly(column, remote.kind)).collect();
    // Materialized, each value is computed once.
    let sql = format!(
        "WITH planctl_report({}) AS MATERIALIZED ({}\n) SELECT {} FROM planctl_report",
        columns.join(", "),
        query.sql(),
        exact.join(", ")
    );
    let asked = [Asked { sql: &sql, values }];
    let answer =
        remote.exact_rows(&asked, job, &mut |_, row| rows.row(&row.iter().map(value).collect::<Vec<_>>()))?;
    answer.map_err(|said| failed(&said))
}

fn value(value: &Exact) -> Value<'_> {
    match value {
        Exact::Null => Value::Null,
        Exact::Integer(number) => Value::Integer(*number),
        Exact::Real(number) => Value::Real(*number),
        Exact::Text(text) => Value::Text(String::from_utf8_lossy(text)),
        Exact::Blob(bytes) => Value::Blob(bytes),
    }
}
