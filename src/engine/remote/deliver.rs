//! Requests that are sent until it is known what became of them.

use super::database::Remote;
use super::request::{About, Request};
use super::transport::Written;
use super::transport::http::{Failed, Patience};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;

/// The most that is sent at once, in bytes: all of a request is in the server's memory, and in one entry of rqlite's log.
const LARGEST: usize = 64 << 20;

/// What became of a request.
pub(super) enum Delivered {
    /// It is done; how many rows each part wrote.
    Done(Vec<u64>),
    /// Its answer was lost, and it is done.
    Found,
    /// The database is another one by now, and it is not done.
    Overtaken,
    /// The server refuses a part, and nothing of it is done.
    Refused { at: Option<usize>, said: String, shown: Vec<String> },
}

/// Sends a request. It may be sent more than once: it says what it must find, and so it happens once at most. `is_done`
/// finds out whether it has happened, on what was fetched anew; `tells` is the command by which the user does.
///
/// # Errors
/// `Usage` when it is too large; `Server`, `Locked`, `Interrupted`. Each says so where the request may have been done.
pub(super) fn deliver(
    remote: &mut Remote,
    (request, tells): (&Request, &str),
    job: Job<'_>,
    is_done: &mut dyn FnMut(&Remote) -> Result<bool>,
) -> Result<Delivered> {
    verify_size(remote, request)?;
    let mut open = false;
    send(remote, request, &mut open, job, is_done).map_err(|error| match error.kind() {
        _ if !open => error,
        // That unfinished changes were rolled back is not known here.
        ErrorKind::Interrupted => Error::new(ErrorKind::Interrupted, "interrupted")
            .note(format!("what was on its way to the server may still be done there: `{tells}` tells")),
        _ => error.note(UNSETTLED),
    })
}

/// Sends it until it is known what became of it. `open`: whether it was sent, and may have been done.
fn send(
    remote: &mut Remote,
    request: &Request,
    open: &mut bool,
    job: Job<'_>,
    is_done: &mut dyn FnMut(&Remote) -> Result<bool>,
) -> Result<Delivered> {
    let mut patience = Patience::new(remote.shadow.lock_timeout);
    let mut tries = 0;
    loop {
        tries += 1;
        let trouble = match remote.server.write(&request.statements(), job) {
            Ok(Written::Done(counts)) => return Ok(Delivered::Done(counts)),
            Ok(Written::Refused { at, said, shown }) => {
                if request.about(at) != Some(&About::Unchanged) {
                    return Ok(Delivered::Refused { at, said, shown });
                }
                remote.fetch(job)?;
                let found = *open && is_done(remote)?;
                return Ok(if found { Delivered::Found } else { Delivered::Overtaken });
            }
            Ok(Written::Busy(said)) => remote.server.trouble(&said).with_kind(ErrorKind::Locked),
            Err(Failed::Nobody(error)) if !*open => return Err(error),
            Err(Failed::Other(error)) if error.kind() == ErrorKind::Interrupted => {
                *open = true;
                return Err(error);
            }
            Err(Failed::Other(error)) if !*open => return Err(error),
            Err(Failed::Nobody(error) | Failed::Lost(error) | Failed::Other(error)) => {
                *open = true;
                error
            }
        };
        // A server may have waited so long for another one: then what became of it is still asked once.
        if patience.is_over() && (tries > 1 || !*open) {
            return Err(match *open {
                true => {
                    trouble.help("run the command again when the server answers: it finds out, and goes on")
                }
                false => trouble,
            });
        }
        patience.wait(job)?;
    }
}

/// What is too large is told before any of it is sent.
fn verify_size(remote: &Remote, request: &Request) -> Result<()> {
    let size: usize = request.parts.iter().map(|part| part.sql.len()).sum();
    if size <= LARGEST {
        return Ok(());
    }
    let message = format!(
        "{}: what is to be written takes {} MB, and planctl sends at most {} MB in one transaction",
        remote.shadow.name,
        size.div_ceil(1_000_000),
        LARGEST / 1_000_000
    );
    Err(Error::new(ErrorKind::Usage, message).note("nothing was written"))
}

/// Said where a request was sent and no answer came.
const UNSETTLED: &str = "whether the server has done what it was sent last is not known";
