//! From two schemas to two scripts, up and down, that were proven on a shadow database before anybody sees them.

mod attempt;
mod direction;
mod ends;
mod fills;
mod goal;
mod lessons;
mod names;
mod pair;
mod places;
mod proof;
mod refusal;
mod rows;
mod script;
mod terms;
mod unproven;
mod way_back;

pub(crate) use self::goal::{goal_of, hints, own_goal_of, refuse_broken, refuse_newly_broken};
pub(crate) use self::names::{Lookalike, renamed, undeclared};
pub use self::pair::{DownStop, ScriptPair, Warning, Way};
pub(crate) use self::proof::{Pairs, pairs, seeds};
pub use self::script::{down_text, standalone, stops_back, up_text, without_rows};
pub use self::terms::{Ask, Spec, Terms};

use self::attempt::Attempt;
use self::direction::Start;
use self::ends::Ends;
use self::names::Names;
use crate::base::error::Result;
use crate::schema::Schema;

/// The proven way from `from` to `goal` and back; `None` when they do not differ.
///
/// # Errors
/// `Migration` when data would be lost, when no statement of SQLite's gets there, when a probable rename is not declared,
/// and when the proof fails; `Data` when rows have no value or stand in the way.
pub fn script_pair(
    from: &Schema,
    goal: &Schema,
    terms: &Terms<'_>,
    ask: &mut Ask<'_>,
) -> Result<Option<ScriptPair>> {
    let from = Schema { pragmas: from.pragmas.found_by(&goal.pragmas), ..from.clone() };
    let ends = Ends::new(&from, goal, terms.target, terms.job)?;
    let start = start(&ends, terms, ask)?;
    if start.names.is_empty() && start.changes.is_empty() {
        return Ok(None);
    }
    let fills = fills::in_names_of_rows(terms, &start.names, &from, &start.renamed)?;
    Attempt::new(&ends, terms, start, fills).prove().map(Some)
}

/// Where the way there begins, once each name that looks like another one is settled.
fn start(ends: &Ends<'_>, terms: &Terms<'_>, ask: &mut Ask<'_>) -> Result<Start> {
    let (from, mut hints) = (ends.from.schema, terms.hints.clone());
    loop {
        let names = Names::of(from, ends.goal.schema, &hints)?;
        let start = Start::new(from.clone(), names, &ends.goal, terms.job)?;
        if !names::settle(&start.changes, &mut hints, terms, ask)? {
            return Ok(start);
        }
    }
}
