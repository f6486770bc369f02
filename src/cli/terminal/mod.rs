pub(crate) mod observer;
pub(crate) mod prompt;
pub(crate) mod signals;
pub(crate) mod ticker;
