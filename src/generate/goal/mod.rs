//! What the specification asks of a database: in the database's names, and with what the ledger excuses left as it is.

mod broken;
mod constraints;
mod excused;
mod hints;

pub(crate) use self::broken::{refuse_broken, refuse_newly_broken};
pub(crate) use self::hints::hints;

use std::collections::BTreeSet;

use time::Date;

use self::excused::kept;
use crate::audit::audit;
use crate::audit::comparison::Sides;
use crate::audit::others::with;
use crate::base::error::Result;
use crate::schema::Schema;

/// The schema that the database is to have.
///
/// # Errors
/// When what is excused cannot be told apart from what has to change.
pub(crate) fn goal_of(sides: &Sides<'_>, today: Date) -> Result<Schema> {
    Ok(with(own_goal_of(sides, today)?, sides.live, &sides.theirs))
}

/// The same without what is somebody else's.
///
/// # Errors
/// As [`goal_of`].
pub(crate) fn own_goal_of(sides: &Sides<'_>, today: Date) -> Result<Schema> {
    let found = audit(&sides.changes, sides.spec, sides.terms(&[], false, today));
    let excused = found.findings.iter().filter(|finding| finding.excuse.is_some());
    let excused: BTreeSet<usize> = excused.filter_map(|finding| finding.change).collect();
    kept(sides.stated()?.into_owned(), sides.live, &sides.changes, &excused, sides.job)
}
