//! What an audit finds, as data.

pub use crate::audit::Audit;
pub use crate::base::finding::{Excuse, Finding, Object};
pub use crate::base::rule::{AuditRule, Difference, GateRule, LedgerRule, LintRule, RowRule, RuleCode};
pub use crate::base::severity::Severity;
pub use crate::row_checks::Unchecked;
pub use crate::schema::Ident;

pub use super::auditing::Audited;
