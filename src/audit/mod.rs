//! Differences → findings: rules, severities, messages, the ledger, the places in the spec.

mod finding;
mod ledger;
mod names;
mod places;
pub mod promises;
pub mod rules;
mod value_findings;
pub mod values;

pub use finding::{Audit, Excuse, Finding, Object, Summary, Terms, audit};
pub use ledger::{Deviation, Ledger, Rename};
pub use names::Names;
pub use places::{Kind, Places};
pub use value_findings::value_findings;
