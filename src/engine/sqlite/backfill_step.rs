//! The data step of a migration: `-- planctl:backfill root-ancestor …`.

use rusqlite::Connection;

use crate::backfill::BackfillSpec;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Interrupt, Observer};

pub(super) fn run(_: &Connection, _: &BackfillSpec, _: &mut dyn Observer, _: &Interrupt) -> Result<u64> {
    Err(Error::new(ErrorKind::Data, "not yet"))
}
