//! The rules, one per file, and the one match from the name to the rule.

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
use crate::base::rule::LintRule;

/// What that rule is.
pub fn rule(rule: LintRule) -> &'static Rule {
    match rule {
        LintRule::AllowWithoutReason => &allow_directives::ALLOW_WITHOUT_REASON,
        LintRule::AttachDetach => &attach_detach::RULE,
        LintRule::DataStepWithoutTest => &data_step_without_test::RULE,
        LintRule::DeleteWithoutCascade => &delete_without_cascade::RULE,
        LintRule::DestructiveStatement => &destructive_statement::RULE,
        LintRule::DoubleQuotedString => &double_quoted_string::RULE,
        LintRule::EmptyDown => &empty_down::RULE,
        LintRule::EmptyUp => &empty_up::RULE,
        LintRule::ForeignKeyWithoutIndex => &foreign_key_without_index::RULE,
        LintRule::MissingDown => &missing_down::RULE,
        LintRule::NewerSqlite => &newer_sqlite::RULE,
        LintRule::NonConstantDefault => &non_constant_default::RULE,
        LintRule::NotNullWithoutDefault => &not_null_without_default::RULE,
        LintRule::OrphanBecomesRoot => &orphan_becomes_root::RULE,
        LintRule::PragmaInTransaction => &pragma_in_transaction::RULE,
        LintRule::RebuildLoses => &rebuild_loses::RULE,
        LintRule::RebuildRenamesOldAway => &rebuild_renames_old_away::RULE,
        LintRule::RebuiltTwice => &rebuilt_twice::RULE,
        LintRule::SelfRestrict => &self_restrict::RULE,
        LintRule::SetNullOnNotNull => &set_null_on_not_null::RULE,
        LintRule::TransactionControl => &transaction_control::RULE,
        LintRule::UnknownFunction => &unknown_function::RULE,
        LintRule::UnknownRule => &allow_directives::UNKNOWN_RULE,
        LintRule::UnusedAllow => &allow_directives::UNUSED_ALLOW,
        LintRule::ViewLeftBroken => &view_left_broken::RULE,
    }
}

/// Its fixtures.
#[cfg(test)]
pub(super) fn fixtures(rule: LintRule) -> &'static [super::fixtures::Fixture] {
    match rule {
        LintRule::AttachDetach => attach_detach::FIXTURES,
        LintRule::DataStepWithoutTest => data_step_without_test::FIXTURES,
        LintRule::DestructiveStatement => destructive_statement::FIXTURES,
        LintRule::DoubleQuotedString => double_quoted_string::FIXTURES,
        LintRule::EmptyDown => empty_down::FIXTURES,
        LintRule::EmptyUp => empty_up::FIXTURES,
        LintRule::MissingDown => missing_down::FIXTURES,
        LintRule::NewerSqlite => newer_sqlite::FIXTURES,
        LintRule::NonConstantDefault => non_constant_default::FIXTURES,
        LintRule::NotNullWithoutDefault => not_null_without_default::FIXTURES,
        LintRule::OrphanBecomesRoot => orphan_becomes_root::FIXTURES,
        LintRule::PragmaInTransaction => pragma_in_transaction::FIXTURES,
        LintRule::RebuildRenamesOldAway => rebuild_renames_old_away::FIXTURES,
        LintRule::RebuiltTwice => rebuilt_twice::FIXTURES,
        LintRule::SelfRestrict => self_restrict::FIXTURES,
        LintRule::SetNullOnNotNull => set_null_on_not_null::FIXTURES,
        LintRule::TransactionControl => transaction_control::FIXTURES,
        LintRule::AllowWithoutReason | LintRule::UnknownRule | LintRule::UnusedAllow => {
            allow_directives::FIXTURES
        }
        // What needs the schema has its fixtures in tests/laws/schema_lint.rs.
        LintRule::DeleteWithoutCascade
        | LintRule::ForeignKeyWithoutIndex
        | LintRule::RebuildLoses
        | LintRule::UnknownFunction
        | LintRule::ViewLeftBroken => &[],
    }
}
