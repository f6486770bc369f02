//! The rules, one per file, and the one list of them.

mod allow_directives;
mod attach_detach;
mod data_step_without_test;
mod delete_without_cascade;
mod destructive_statement;
mod double_quoted_string;
mod empty_down;
mod empty_up;
mod foreign_key_without_index;
mod missing_down;
mod newer_sqlite;
mod non_constant_default;
mod not_null_without_default;
mod orphan_becomes_root;
mod pragma_in_transaction;
mod rebuild_loses;
mod rebuild_renames_old_away;
mod rebuilt_twice;
mod self_restrict;
mod set_null_on_not_null;
mod transaction_control;
mod unknown_function;
mod view_left_broken;

use super::Rule;

pub use delete_without_cascade::DELETE_WITHOUT_CASCADE;
pub use foreign_key_without_index::FOREIGN_KEY_WITHOUT_INDEX;
pub use rebuild_loses::REBUILD_LOSES;
pub use unknown_function::UNKNOWN_FUNCTION;
pub use view_left_broken::VIEW_LEFT_BROKEN;

pub(super) use allow_directives::{ALLOW_WITHOUT_REASON, UNKNOWN_RULE, UNUSED_ALLOW};

/// All rules, sorted by name.
pub const RULES: &[&Rule] = &[
    &ALLOW_WITHOUT_REASON,
    &attach_detach::RULE,
    &data_step_without_test::RULE,
    &DELETE_WITHOUT_CASCADE,
    &destructive_statement::RULE,
    &double_quoted_string::RULE,
    &empty_down::RULE,
    &empty_up::RULE,
    &FOREIGN_KEY_WITHOUT_INDEX,
    &missing_down::RULE,
    &newer_sqlite::RULE,
    &non_constant_default::RULE,
    &not_null_without_default::RULE,
    &orphan_becomes_root::RULE,
    &pragma_in_transaction::RULE,
    &REBUILD_LOSES,
    &rebuild_renames_old_away::RULE,
    &rebuilt_twice::RULE,
    &self_restrict::RULE,
    &set_null_on_not_null::RULE,
    &transaction_control::RULE,
    &UNKNOWN_FUNCTION,
    &UNKNOWN_RULE,
    &UNUSED_ALLOW,
    &VIEW_LEFT_BROKEN,
];

/// Those that need the schemas before and after; their fixtures are in tests/schema_lint.rs.
pub(super) const SCHEMA_RULES: &[&Rule] = &[
    &DELETE_WITHOUT_CASCADE,
    &FOREIGN_KEY_WITHOUT_INDEX,
    &REBUILD_LOSES,
    &UNKNOWN_FUNCTION,
    &VIEW_LEFT_BROKEN,
];

/// The fixtures of each rule.
#[cfg(test)]
pub(super) const FIXTURES: &[(&str, &[super::fixtures::Fixture])] = &[
    ("allow-without-reason", allow_directives::FIXTURES),
    ("attach-detach", attach_detach::FIXTURES),
    ("data-step-without-test", data_step_without_test::FIXTURES),
    ("destructive-statement", destructive_statement::FIXTURES),
    ("double-quoted-string", double_quoted_string::FIXTURES),
    ("empty-down", empty_down::FIXTURES),
    ("empty-up", empty_up::FIXTURES),
    ("missing-down", missing_down::FIXTURES),
    ("newer-sqlite", newer_sqlite::FIXTURES),
    ("non-constant-default", non_constant_default::FIXTURES),
    ("not-null-without-default", not_null_without_default::FIXTURES),
    ("orphan-becomes-root", orphan_becomes_root::FIXTURES),
    ("pragma-in-transaction", pragma_in_transaction::FIXTURES),
    ("rebuild-renames-old-away", rebuild_renames_old_away::FIXTURES),
    ("rebuilt-twice", rebuilt_twice::FIXTURES),
    ("self-restrict", self_restrict::FIXTURES),
    ("set-null-on-not-null", set_null_on_not_null::FIXTURES),
    ("transaction-control", transaction_control::FIXTURES),
    ("unknown-rule", allow_directives::FIXTURES),
    ("unused-allow", allow_directives::FIXTURES),
];
