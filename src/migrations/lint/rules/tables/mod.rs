//! What a table is declared as, and how it is changed.

pub(super) mod non_constant_default;
pub(super) mod not_null_without_default;
pub(super) mod rebuild_renames_old_away;
pub(super) mod rebuilt_twice;
pub(super) mod self_restrict;
pub(super) mod set_null_on_not_null;
