//! What directives say.

pub(super) mod allow;
pub(super) mod data_step_without_test;
pub(super) mod orphan_becomes_root;
