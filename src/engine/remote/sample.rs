//! Sample rows on a server: tried in memory, on its schema, and then sent in one request.

use rusqlite::types::Value;

use super::database::Remote;
use super::deliver::{Delivered, deliver};
use super::request::{About, Request, refused_statement};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::sample::{gained, has_gained, plans, refuse_rows, tables};
use crate::engine::script::keys::Keys;
use crate::engine::script::keys::reach::Reach;
use crate::engine::script::text::Script as _;
use crate::engine::{Engine as _, LoadOptions, Loaded, SampleRows};
use crate::migrations::Step;
use crate::sample::{Census, Plans};
use crate::sql::{Statement, quote, quote_string, statements};

/// Rows in one statement.
const BLOCK: usize = 500;

/// Tables in one check.
const TABLES: usize = 100;

/// The rows of each table.
type Counts = Vec<(String, u64)>;

/// Loads the rows; see [`crate::engine::Engine::load_sample`].
pub(super) fn load(
    remote: &mut Remote,
    rows: SampleRows<'_>,
    options: LoadOptions,
    job: Job<'_>,
) -> Result<Loaded> {
    loop {
        let before = count(remote, job)?;
        // What there is to be filled is looked up first: a database without migrations has no rows either.
        let tried = tried(remote, rows, options, job);
        if tried.is_ok() && !options.append {
            refuse_rows(&before, &remote.shadow.name)?;
        }
        let tried = tried?;
        if options.dry_run {
            return Ok(tried);
        }
        let (request, census) = prepare(remote, rows, &before)?;
        let what = "sending the rows";
        job.tell(Event::Progress { what, done: 0, total: None });
        let sent = deliver(remote, (&request, "planctl sample load --dry-run"), job, &mut |remote| {
            Ok(has_gained(&before, count(remote, job)?, &tried.tables))
        })?;
        match sent {
            Delivered::Done(_) | Delivered::Found => {
                let tables = match (&census, rows) {
                    (Some(census), SampleRows::Plans { table, .. }) => {
                        vec![(table.name.clone(), census.plans)]
                    }
                    _ => gained(&before, count(remote, job)?),
                };
                return Ok(Loaded { tables, census });
            }
            // Somebody else has written meanwhile: what is there now is looked at anew.
            Delivered::Overtaken => {}
            Delivered::Refused { at, said, .. } => return Err(refused(&request, at, &said, rows)),
        }
    }
}

/// What comes of it on the schema in memory. Rows that only the server has may be what a statement misses.
fn tried(remote: &mut Remote, rows: SampleRows<'_>, options: LoadOptions, job: Job<'_>) -> Result<Loaded> {
    let trial = LoadOptions { append: true, dry_run: true };
    match remote.shadow.load_sample(rows, trial, job.quietly()) {
        Err(error) if options.append && !options.dry_run && error.kind() == ErrorKind::Data => {
            // What is not there at all is no matter of rows.
            match rows {
                SampleRows::Plans { table, shape } => {
                    plans::Target::examine(&remote.shadow.conn, table, shape, &remote.shadow.name)
                        .map(|_| Loaded::default())
                }
                SampleRows::Script(_) => Ok(Loaded::default()),
            }
        }
        tried => tried,
    }
}

/// The rows of each table, sorted by name. Those of a module that the server lacks can be neither seen nor loaded.
fn count(remote: &Remote, job: Job<'_>) -> Result<Counts> {
    let names = tables(&remote.shadow.conn).map_err(|error| remote.shadow.trouble(error))?;
    let asked: Vec<String> =
        names.iter().map(|name| format!("SELECT count(*) FROM main.{}", quote(name))).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let answers = remote.server.ask(&asked, job)?;
    let counted = names.into_iter().zip(answers).filter_map(|(name, answer)| {
        match answer.ok()?.rows.first()?.first()? {
            Value::Integer(rows) => Some((name, rows.unsigned_abs())),
            _ => None,
        }
    });
    Ok(counted.collect())
}

/// The request, which does nothing unless each table has as many rows as were counted.
fn prepare(remote: &Remote, rows: SampleRows<'_>, before: &Counts) -> Result<(Request, Option<Census>)> {
    let conn = &remote.shadow.conn;
    let trouble = |error| remote.shadow.trouble(error);
    let mut request = Request::on_schema(conn, remote.kind).map_err(trouble)?;
    for some in before.chunks(TABLES) {
        let same = some.iter().map(|(name, rows)| match rows {
            0 => format!("NOT EXISTS (SELECT 1 FROM main.{})", quote(name)),
            _ => format!("(SELECT count(*) FROM main.{}) = {rows}", quote(name)),
        });
        request.unchanged(&format!("SELECT {}", same.collect::<Vec<_>>().join(" AND ")));
    }
    match rows {
        SampleRows::Script(file) => {
            let keys = Keys::read(conn).map_err(trouble)?;
            keys.begin(&mut request);
            let all = statements(file.text()).into_iter();
            let steps: Vec<Step<'_>> =
                all.map(|Statement { text, start, .. }| Step::Sql { text, start }).collect();
            request.script(file, &steps)?;
            keys.check(&mut request, &keys, &Reach::Everything, "the file");
            Keys::end(&mut request);
            Ok((request, None))
        }
        SampleRows::Plans { table, shape } => {
            let target = plans::Target::examine(conn, table, shape, &remote.shadow.name)?;
            let mut plans = Plans::new(shape);
            let insert = target.insert();
            loop {
                let block: Vec<String> = plans
                    .by_ref()
                    .take(BLOCK)
                    .map(|row| {
                        let values = target.values(&row).map(|v| v.map_or("NULL".to_owned(), quote_string));
                        format!("({})", values.collect::<Vec<_>>().join(", "))
                    })
                    .collect();
                if block.is_empty() {
                    return Ok((request, Some(plans.census())));
                }
                request.own(&format!("{insert}\n{}", block.join(",\n")));
                request.check(
                    "a trigger skipped some of the plans, drop it while you load",
                    &format!("SELECT changes() = {}", block.len()),
                );
            }
        }
    }
}

/// What the server has to say against the rows.
fn refused(request: &Request, at: Option<usize>, said: &str, rows: SampleRows<'_>) -> Error {
    let error = match (request.about(at), rows) {
        (Some(About::Statement { start, end }), SampleRows::Script(file)) => {
            refused_statement(file, (*start, *end), said).with_kind(ErrorKind::Data)
        }
        (Some(About::Check { reason, .. }), _) => Error::new(ErrorKind::Data, reason.clone()),
        (_, SampleRows::Plans { table, .. }) => {
            Error::new(ErrorKind::Data, format!("the plans cannot be loaded into {}: {said}", table.name))
        }
        (_, SampleRows::Script(_)) => Error::new(ErrorKind::Data, said.to_owned()),
    };
    error.note("nothing was loaded")
}
