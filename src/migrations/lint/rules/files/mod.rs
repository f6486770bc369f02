//! What a migration consists of.

pub(super) mod empty_down;
pub(super) mod empty_up;
pub(super) mod missing_down;
