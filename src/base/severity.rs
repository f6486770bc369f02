//! How bad a finding is.

use serde::Serialize;

/// How bad a finding is; the worse one is the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Debug)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing behaves differently, or only perhaps.
    Warning,
    /// A statement can do something else, or a migration fails or does harm.
    Error,
}
