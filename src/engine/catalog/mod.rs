pub(crate) mod columns;
pub(crate) mod fingerprint;
pub(crate) mod inspect;
pub(crate) mod registered;
pub(crate) mod rows;
pub(crate) mod statistics;
pub(crate) mod temporary;
pub(crate) mod watch;
