//! Differences → findings: rules, severities, messages, the ledger, the places in the spec.

mod baseline;
mod draft;
mod finding;
mod ledger;
mod names;
mod places;
pub mod rules;

pub use baseline::Baseline;
pub use draft::draft_deviations;
pub use finding::{Audit, Excuse, Finding, Object, Terms, audit, subject_of};
pub use ledger::{Deviation, Ledger, Rename};
pub use names::Names;
pub use places::{Kind, Places};
