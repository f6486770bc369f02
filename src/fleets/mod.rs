//! Many databases with one folder of migrations: which they are, in what order and how many at a time they have their turn,
//! and what came of it, in groups. Nothing here opens one.

mod cause;
mod glob;
mod groups;
mod names;
mod standing;
mod waves;

pub use cause::Cause;
pub use groups::{FIRST, Group, groups};
pub use names::Roster;
pub use standing::{Standing, Standings};
pub use waves::{End, Limits, Verdict, turns};
