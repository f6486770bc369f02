//! What a migration may not run, or what is better said another way.

pub(super) mod attach_detach;
pub(super) mod destructive_statement;
pub(super) mod double_quoted_string;
pub(super) mod newer_sqlite;
pub(super) mod non_deterministic;
pub(super) mod pragma_in_transaction;
pub(super) mod refused_by_target;
pub(super) mod transaction_control;
