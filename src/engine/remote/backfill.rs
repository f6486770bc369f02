//! The backfill on a server: the rows are read at one moment and solved here; the roots are written in one request, which
//! does nothing unless the rows that it writes, and those on which their roots depend, are still as they were read.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rusqlite::types::ValueRef;

use super::database::Remote;
use super::deliver::{Delivered, deliver};
use super::exact::{Exact, exactly, literal};
use super::request::{About, Request};
use super::transport::Asked;
use super::transport::http::Patience;
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::engine::backfill::elsewhere::Elsewhere;
use crate::engine::script::keys::Keys;
use crate::engine::script::keys::reach::Reach;
use crate::engine::script::text::Script as _;

/// Rows in one statement, and between two events of progress.
const BLOCK: usize = 1000;

/// About the longest statement, in bytes.
const LONGEST: usize = 256 << 10;

/// The table that the rows are sent in. No schema may have the name.
const SENT: &str = "main.planctl_rows";

/// Fills the roots; see [`crate::engine::Engine::backfill`].
pub(super) fn run(remote: &mut Remote, spec: &BackfillSpec, dry_run: bool, job: Job<'_>) -> Result<Outcome> {
    let mut patience = Patience::new(remote.shadow.lock_timeout);
    loop {
        let rows = Elsewhere::of(&remote.shadow.conn, spec, job)?;
        read(remote, &rows, job)?;
        let outcome = rows.solve(dry_run, job)?;
        if dry_run || outcome.refused.is_some() {
            return Ok(outcome);
        }
        let (request, roots) = prepare(remote, &rows)?;
        if roots.is_empty() {
            return Ok(outcome);
        }
        let what = format!("sending {}", rows.target.name);
        job.tell(Event::Progress { what: &what, done: 0, total: Some(roots.len() as u64) });
        match deliver(remote, (&request, "planctl backfill --dry-run"), job, &mut |remote| {
            have(remote, &rows, &roots, job)
        })? {
            Delivered::Done(_) | Delivered::Found => {
                let all = roots.len() as u64;
                job.tell(Event::Progress { what: &what, done: all, total: Some(all) });
                return Ok(outcome);
            }
            Delivered::Overtaken if patience.is_over() => {
                let message = format!("{} is written to by others all the time", rows.target.name);
                return Err(Error::new(ErrorKind::Locked, message).note("nothing was written"));
            }
            Delivered::Overtaken => patience.wait(job)?,
            Delivered::Refused { at, said, .. } => {
                let why = match request.about(at) {
                    Some(About::Check { reason, .. }) => reason.clone(),
                    _ => said,
                };
                let message = format!("{} cannot be filled: {why}", rows.target.name);
                return Err(Error::new(ErrorKind::Data, message)
                    .help("nothing was written: change the rows or the constraint, then run it again"));
            }
        }
    }
}

/// Fetches the rows, in the order in which they are stored.
fn read(remote: &Remote, rows: &Elsewhere, job: Job<'_>) -> Result<()> {
    let target = &rows.target;
    let order = target.rowid.map_or(String::new(), |rowid| format!(" ORDER BY {rowid}"));
    let columns =
        [rows.key(), &target.id, &target.parent, &target.root].map(|column| exactly(column, remote.kind));
    let sql = format!("SELECT {} FROM {} NOT INDEXED{order}", columns.join(", "), target.table);
    let what = format!("fetching {}", target.name);
    let mut adding = rows.adding()?;
    let mut done = 0;
    job.tell(Event::Progress { what: &what, done: 0, total: None });
    let answer = remote.exact_rows(&[Asked { sql: &sql, values: &[] }], job, &mut |_, row| {
        let row: [Exact; 4] =
            row.try_into().map_err(|_| remote.server.trouble("the answer does not fit the request"))?;
        adding.row(&row)?;
        done += 1;
        if done % BLOCK as u64 == 0 {
            job.tell(Event::Progress { what: &what, done, total: None });
        }
        Ok(ControlFlow::Continue(()))
    })?;
    answer.map_err(|said| remote.server.trouble(&said))
}

/// The request, and the new root of each row that gets one, both as literals.
fn prepare(remote: &Remote, rows: &Elsewhere) -> Result<(Request, HashMap<String, String>)> {
    let conn = &remote.shadow.conn;
    let trouble = |error| remote.shadow.trouble(error);
    let target = &rows.target;
    let mut request = Request::on_schema(conn, remote.kind).map_err(trouble)?;
    let keys = target.watch_foreign_keys.then(|| Keys::read(conn)).transpose().map_err(trouble)?;
    keys.iter().for_each(|keys| keys.begin(&mut request));
    let key_type = if target.rowid.is_some() { "INTEGER" } else { rows.id_type.as_str() };
    request.own(&format!("CREATE TABLE {SENT}(k {key_type} PRIMARY KEY, id, parent, was, root, due)"));
    let mut roots = HashMap::new();
    let mut sent: Vec<String> = Vec::new();
    let mut length = 0;
    rows.changed(|row, due| {
        let [key, id, parent, was, root] = row.map(literal);
        // Of a row that is not written, the root does not matter.
        let (was, root) = if due { (was, root) } else { (literal(ValueRef::Null), literal(ValueRef::Null)) };
        sent.push(format!("({key}, {id}, {parent}, {was}, {root}, {})", u8::from(due)));
        length += sent.last().map_or(0, String::len);
        if sent.len() == BLOCK || length > LONGEST {
            request.own(&format!("INSERT INTO {SENT} VALUES\n{}", sent.join(",\n")));
            sent.clear();
            length = 0;
        }
        if due {
            roots.insert(key, root);
        }
        Ok(())
    })?;
    if !sent.is_empty() {
        request.own(&format!("INSERT INTO {SENT} VALUES\n{}", sent.join(",\n")));
    }
    let same = |column: &str, sent: &str| {
        format!("typeof(t.{column}) = typeof(r.{sent}) AND +t.{column} IS r.{sent} COLLATE BINARY")
    };
    let key = rows.key();
    request.unchanged(&format!(
        "SELECT NOT EXISTS (SELECT 1 FROM {SENT} r LEFT JOIN {} t ON t.{key} = r.k WHERE t.{key} IS NULL \
         OR NOT ({} AND {} AND (NOT r.due OR {})))",
        target.table,
        same(&target.id, "id"),
        same(&target.parent, "parent"),
        same(&target.root, "was")
    ));
    request.own(&format!(
        "UPDATE {} AS t SET {} = r.root FROM {SENT} r WHERE t.{key} = r.k AND r.due",
        target.table, target.root
    ));
    let due = roots.len();
    request.check(
        &format!("a trigger skipped some of {due} rows, drop it during the backfill"),
        &format!("SELECT changes() = {due}"),
    );
    if let Some(keys) = &keys {
        keys.check(&mut request, keys, &Reach::Everything, "the backfill");
        Keys::end(&mut request);
    }
    request.own(&format!("DROP TABLE {SENT}"));
    Ok((request, roots))
}

/// Whether all rows have the roots that were sent.
fn have(remote: &Remote, rows: &Elsewhere, roots: &HashMap<String, String>, job: Job<'_>) -> Result<bool> {
    let target = &rows.target;
    let columns = [rows.key(), &target.root].map(|column| exactly(column, remote.kind));
    let sql = format!("SELECT {} FROM {}", columns.join(", "), target.table);
    let mut found = 0;
    let answer = remote.exact_rows(&[Asked { sql: &sql, values: &[] }], job, &mut |_, row| {
        if let [key, root] = row.as_slice()
            && roots.get(&literal(key.as_ref())) == Some(&literal(root.as_ref()))
        {
            found += 1;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    answer.map_err(|said| remote.server.trouble(&said))?;
    Ok(found == roots.len())
}
