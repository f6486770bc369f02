//! Differences → findings: rules, severities, messages, the ledger, the places in the spec.

mod baseline;
pub mod comment_constraints;
pub(crate) mod comparison;
mod draft;
mod finding;
pub(crate) mod ledger;
mod ledger_schema;
mod names;
pub mod others;
mod places;
pub mod rules;
mod value_findings;
pub mod values;

pub use crate::base::finding::Finding;
pub use baseline::Baseline;
pub use comparison::compare;
pub use draft::draft_deviations;
pub use finding::{Audit, Subject, Terms, audit, subject_of};
pub use ledger::{Deviation, Ledger, Rename};
pub use ledger_schema::ledger_json_schema;
pub use names::Names;
pub use others::Others;
pub use places::{Kind, Places};
pub use value_findings::value_findings;
