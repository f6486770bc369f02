//! The rules, in folders named after what they look at, and the one match from the name to the rule.

mod directives;
mod files;
mod schema;
mod statements;
mod tables;

use super::rule::Rule;
use crate::base::rule::LintRule;

/// What that rule is.
pub fn rule(rule: LintRule) -> &'static Rule {
    match rule {
        LintRule::AllowWithoutReason => &directives::allow::ALLOW_WITHOUT_REASON,
        LintRule::AttachDetach => &statements::attach_detach::RULE,
        LintRule::DataStepWithoutTest => &directives::data_step_without_test::RULE,
        LintRule::DeleteWithoutCascade => &schema::DELETE_WITHOUT_CASCADE,
        LintRule::DestructiveStatement => &statements::destructive_statement::RULE,
        LintRule::DoubleQuotedString => &statements::double_quoted_string::RULE,
        LintRule::EmptyDown => &files::empty_down::RULE,
        LintRule::EmptyUp => &files::empty_up::RULE,
        LintRule::ForeignKeyWithoutIndex => &schema::FOREIGN_KEY_WITHOUT_INDEX,
        LintRule::IndexUpdatedForNothing => &schema::INDEX_UPDATED_FOR_NOTHING,
        LintRule::MissingDown => &files::missing_down::RULE,
        LintRule::NewerSqlite => &statements::newer_sqlite::RULE,
        LintRule::NonConstantDefault => &tables::non_constant_default::RULE,
        LintRule::NonDeterministicStatement => &statements::non_deterministic::RULE,
        LintRule::NotNullWithoutDefault => &tables::not_null_without_default::RULE,
        LintRule::OrphanBecomesRoot => &directives::orphan_becomes_root::RULE,
        LintRule::PragmaInTransaction => &statements::pragma_in_transaction::RULE,
        LintRule::RebuildLoses => &schema::REBUILD_LOSES,
        LintRule::RebuildRenamesOldAway => &tables::rebuild_renames_old_away::RULE,
        LintRule::RebuildUnderEnforcedKeys => &schema::REBUILD_UNDER_ENFORCED_KEYS,
        LintRule::RebuiltTwice => &tables::rebuilt_twice::RULE,
        LintRule::RefusedByTarget => &statements::refused_by_target::RULE,
        LintRule::SelfRestrict => &tables::self_restrict::RULE,
        LintRule::SetNullOnNotNull => &tables::set_null_on_not_null::RULE,
        LintRule::TransactionControl => &statements::transaction_control::RULE,
        LintRule::UnknownFunction => &schema::UNKNOWN_FUNCTION,
        LintRule::UnknownRule => &directives::allow::UNKNOWN_RULE,
        LintRule::UnusedAllow => &directives::allow::UNUSED_ALLOW,
        LintRule::ViewLeftBroken => &schema::VIEW_LEFT_BROKEN,
    }
}
