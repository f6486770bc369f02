//! Why a script could not be proven.

use super::pair::Way;
use crate::base::error::{Advice, ByHand, Error, ErrorKind};
use crate::diff::Change;
use crate::engine::BrokenKey;
use crate::schema::Ident;
use crate::sql::quotation;

/// How many things that are wrong are told.
const TOLD: usize = 5;

/// The error of a script that does not hold: `what` happened on that way.
pub(crate) fn unproven(way: Way, what: &str) -> Error {
    match way {
        Way::Up => error(what),
        Way::Down => error(&format!("the down: {what}")),
    }
}

/// Keys that do not hold after that way, and then those that SQLite cannot check: rows that fit such a key may fit no
/// other one.
pub(crate) fn keys_do_not_hold(way: Way, broken: Vec<BrokenKey>, unusable: Vec<BrokenKey>) -> Error {
    let after = match way {
        Way::Up => "it",
        Way::Down => "the down",
    };
    let mut error = error(&format!("foreign keys do not hold after {after}"));
    if !unusable.is_empty() {
        error = error.help(BrokenKey::REFER_TO_A_KEY);
    }
    let more: Vec<BrokenKey> = unusable.into_iter().filter(|key| !broken.contains(key)).take(TOLD).collect();
    broken.into_iter().take(TOLD).chain(more).fold(error, |error, key| error.note(key.sentence))
}

/// What is left between the schema that a script makes and its goal.
pub(crate) fn still_differs(way: Way, left: &[Change]) -> Error {
    let mut error = error(&format!("after the {} script the schemas still differ", way.as_str()));
    for change in left.iter().take(TOLD) {
        let table = change.object.table.as_ref().map_or("", Ident::as_str);
        let side = |text: &Option<String>| text.as_deref().map_or("nothing".to_owned(), quotation);
        error = error.note(format!(
            "{} of {table}: expected {}, got {}",
            change.object.kind.as_str(),
            side(&change.expected),
            side(&change.actual)
        ));
    }
    error
}

fn error(what: &str) -> Error {
    Error::new(
        ErrorKind::Migration,
        format!("the migration could not be proven on a shadow database: {what}"),
    )
    .help(Advice::WriteByHand { what: ByHand::Migration, first: Some("nothing was written"), or: None })
}
